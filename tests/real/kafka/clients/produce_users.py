"""The users' producer as their pipelines have it: formatted people as JSON, kafka-python 2.0.2, nothing set.

Their own API call is replaced by people made here, and the 60 seconds by a number of records; the calls to Kafka
are theirs: bootstrap_servers, max_block_ms=5000, send(topic, bytes), no flush, no close.
"""
import json
import logging
import sys
import uuid


def get_data(number):
    return {"gender": "female", "name": {"title": "Ms", "first": f"First{number}", "last": f"Last{number}"},
            "location": {"street": {"number": number, "name": "Main Street"}, "city": "Oslo", "state": "Oslo", "country": "Norway",
                         "postcode": 1000 + number},
            "email": f"user{number}@example.com", "login": {"username": f"user{number}"}, "dob": {"date": "1990-01-01T00:00:00.000Z"},
            "registered": {"date": "2020-01-01T00:00:00.000Z"}, "phone": "555-0100", "picture": {"medium": "https://example.com/p.jpg"}}


def format_data(res, number):
    data = {}
    location = res["location"]
    data["id"] = str(uuid.UUID(int=number))
    data["first_name"] = res["name"]["first"]
    data["last_name"] = res["name"]["last"]
    data["gender"] = res["gender"]
    data["address"] = f"{str(location['street']['number'])} {location['street']['name']}, " \
                      f"{location['city']}, {location['state']}, {location['country']}"
    data["post_code"] = location["postcode"]
    data["email"] = res["email"]
    data["username"] = res["login"]["username"]
    data["dob"] = res["dob"]["date"]
    data["registered_date"] = res["registered"]["date"]
    data["phone"] = res["phone"]
    data["picture"] = res["picture"]["medium"]
    return data


def stream_data(address, count):
    from kafka import KafkaProducer  # pylint: disable=import-outside-toplevel

    producer = KafkaProducer(bootstrap_servers=[address], max_block_ms=5000)
    for number in range(count):
        try:
            res = get_data(number)
            res = format_data(res, number)
            producer.send("users_created", json.dumps(res).encode("utf-8"))
        except Exception as e:  # pylint: disable=broad-except
            logging.error(f"An error occured: {e}")
            continue


try:
    stream_data(sys.argv[1], int(sys.argv[2]))
except Exception as error:  # pylint: disable=broad-except
    print(type(error).__name__)
    sys.exit(1)
