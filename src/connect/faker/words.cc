#include "connect/faker/detail/words.h"

namespace millrace::connect::faker::detail {
namespace {

constexpr std::string_view kFemaleNames[] = {
    "Abigail", "Adele",   "Agnes",   "Alma",   "Amelia",  "Anita",  "Beatrice", "Bella",  "Camille",
    "Carol",   "Cecilia", "Clara",   "Daisy",  "Diana",   "Edith",  "Elena",    "Elsie",  "Emma",
    "Esther",  "Eva",     "Fiona",   "Flora",  "Frances", "Gloria", "Grace",    "Hannah", "Helen",
    "Ida",     "Irene",   "Isabel",  "Ivy",    "Jane",    "Joan",   "Judith",   "Julia",  "Karen",
    "Laura",   "Leah",    "Lillian", "Louise", "Lucy",    "Mabel",  "Margaret", "Maria",  "Martha",
    "Naomi",   "Nina",    "Nora",    "Olive",  "Paula",   "Rachel", "Rosa",     "Ruth",   "Sarah",
    "Sofia",   "Stella",  "Teresa",  "Vera",   "Violet",  "Zoe"};

constexpr std::string_view kMaleNames[] = {
    "Aaron",   "Adam",    "Albert", "Alan",    "Andrew", "Anton",   "Arthur", "Barry",  "Ben",
    "Bernard", "Bruce",   "Carl",   "Charles", "Clyde",  "Daniel",  "David",  "Dennis", "Edgar",
    "Edward",  "Eric",    "Ernest", "Felix",   "Frank",  "Fred",    "George", "Gordon", "Harold",
    "Henry",   "Hugo",    "Isaac",  "Ivan",    "Jack",   "James",   "Joel",   "John",   "Joseph",
    "Karl",    "Keith",   "Kevin",  "Lars",    "Leo",    "Louis",   "Luke",   "Marcus", "Martin",
    "Miles",   "Nathan",  "Neil",   "Oscar",   "Owen",   "Patrick", "Paul",   "Peter",  "Ralph",
    "Samuel",  "Stephen", "Thomas", "Victor",  "Walter", "William"};

constexpr std::string_view kFamilyNames[] = {
    "Abbott", "Adams",  "Alvarez", "Anderson", "Bailey",  "Baker",  "Barnes",  "Becker",  "Bennett",
    "Berg",   "Bishop", "Boyd",    "Brandt",   "Brooks",  "Burke",  "Carlson", "Carter",  "Castro",
    "Chen",   "Clark",  "Cole",    "Cooper",   "Cruz",    "Davis",  "Dixon",   "Doyle",   "Duncan",
    "Ellis",  "Evans",  "Fischer", "Fisher",   "Fleming", "Foster", "Fox",     "Garcia",  "Gibson",
    "Gomez",  "Gordon", "Graham",  "Grant",    "Hansen",  "Harper", "Hayes",   "Hoffman", "Howard",
    "Hughes", "Ivanov", "Jensen",  "Johnson",  "Kaplan",  "Keller", "Kim",     "Klein",   "Lambert",
    "Larsen", "Lee",    "Lopez",   "Marsh",    "Martin",  "Mason",  "Meyer",   "Miller",  "Moore",
    "Morris", "Murphy", "Nelson",  "Nguyen",   "Nilsson", "Novak",  "O'Brien", "Olsen",   "Ortiz",
    "Owens",  "Palmer", "Parker",  "Patel",    "Perez",   "Porter", "Quinn",   "Reed",    "Reyes",
    "Rivera", "Rossi",  "Russell", "Sanders",  "Schmidt", "Shaw",   "Silva",   "Singh",   "Smith",
    "Stone",  "Tanaka", "Taylor",  "Turner",   "Vargas",  "Walker", "Weber",   "Wells",   "White",
    "Young"};

constexpr std::string_view kNamePrefixes[] = {"Mr.", "Mrs.", "Ms.", "Miss", "Dr."};
constexpr std::string_view kNameSuffixes[] = {"Jr.", "Sr.", "II", "III", "IV", "MD", "PhD", "DDS"};

constexpr std::string_view kCities[] = {
    "Ashford",     "Brookfield", "Cedarville", "Clearwater", "Eastport",     "Elmwood",
    "Fairhaven",   "Glenwood",   "Greenville", "Harborview", "Hillsdale",    "Kingsbury",
    "Lakewood",    "Maplewood",  "Millbrook",  "Newbridge",  "Northfield",   "Oakdale",
    "Pinecrest",   "Redwood",    "Riverside",  "Rockport",   "Silverton",    "Springfield",
    "Stonebridge", "Sunnyside",  "Waterford",  "Westbrook",  "Williamstown", "Woodstock"};

constexpr std::string_view kStates[] = {
    "Alabama",       "Alaska",      "Arizona",        "Arkansas",      "California",
    "Colorado",      "Connecticut", "Delaware",       "Florida",       "Georgia",
    "Hawaii",        "Idaho",       "Illinois",       "Indiana",       "Iowa",
    "Kansas",        "Kentucky",    "Louisiana",      "Maine",         "Maryland",
    "Massachusetts", "Michigan",    "Minnesota",      "Mississippi",   "Missouri",
    "Montana",       "Nebraska",    "Nevada",         "New Hampshire", "New Jersey",
    "New Mexico",    "New York",    "North Carolina", "North Dakota",  "Ohio",
    "Oklahoma",      "Oregon",      "Pennsylvania",   "Rhode Island",  "South Carolina",
    "South Dakota",  "Tennessee",   "Texas",          "Utah",          "Vermont",
    "Virginia",      "Washington",  "West Virginia",  "Wisconsin",     "Wyoming"};

constexpr std::string_view kStateCodes[] = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT",
    "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"};

constexpr std::string_view kCountries[] = {
    "Argentina", "Australia", "Austria",        "Belgium",       "Brazil",      "Canada",
    "Chile",     "Colombia",  "Croatia",        "Denmark",       "Egypt",       "Estonia",
    "Finland",   "France",    "Germany",        "Ghana",         "Greece",      "Hungary",
    "Iceland",   "India",     "Ireland",        "Italy",         "Japan",       "Kenya",
    "Latvia",    "Malaysia",  "Mexico",         "Morocco",       "Netherlands", "New Zealand",
    "Nigeria",   "Norway",    "Peru",           "Poland",        "Portugal",    "Romania",
    "Serbia",    "Singapore", "Spain",          "Sweden",        "Switzerland", "Thailand",
    "Turkey",    "Ukraine",   "United Kingdom", "United States", "Uruguay",     "Vietnam"};

constexpr std::string_view kCountryCodes[] = {
    "AR", "AU", "AT", "BE", "BR", "CA", "CL", "CO", "HR", "DK", "EG", "EE", "FI", "FR", "DE", "GH",
    "GR", "HU", "IS", "IN", "IE", "IT", "JP", "KE", "LV", "MY", "MX", "MA", "NL", "NZ", "NG", "NO",
    "PE", "PL", "PT", "RO", "RS", "SG", "ES", "SE", "CH", "TH", "TR", "UA", "GB", "US", "UY", "VN"};

constexpr std::string_view kStreetSuffixes[] = {
    "Alley", "Avenue",  "Boulevard", "Circle", "Court",   "Crossing", "Drive", "Field",
    "Grove", "Harbor",  "Hill",      "Lane",   "Meadow",  "Parkway",  "Place", "Ridge",
    "Road",  "Springs", "Square",    "Street", "Terrace", "Trail",    "View",  "Way"};

constexpr std::string_view kTimeZones[] = {
    "Africa/Cairo",   "Africa/Nairobi",  "America/Bogota",   "America/Chicago",
    "America/Denver", "America/Lima",    "America/New_York", "America/Sao_Paulo",
    "Asia/Kolkata",   "Asia/Singapore",  "Asia/Tokyo",       "Australia/Sydney",
    "Europe/Berlin",  "Europe/Helsinki", "Europe/Lisbon",    "Europe/London",
    "Europe/Madrid",  "Europe/Paris",    "Pacific/Auckland", "Pacific/Honolulu"};

constexpr std::string_view kDomainSuffixes[] = {"com", "net", "org", "info", "io", "co", "biz"};
constexpr std::string_view kMailProviders[] = {
    "example.com", "example.net", "example.org", "mail.example.com", "post.example.net"};

constexpr std::string_view kUserAgents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.5 Safari/605.1.15"),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
     "Safari/537.36"),
    "curl/7.88.1"};

constexpr std::string_view kLatin[] = {"accusamus",
                                       "adipisci",
                                       "alias",
                                       "aliquam",
                                       "amet",
                                       "aperiam",
                                       "architecto",
                                       "aspernatur",
                                       "at",
                                       "aut",
                                       "autem",
                                       "beatae",
                                       "blanditiis",
                                       "commodi",
                                       "consectetur",
                                       "corporis",
                                       "culpa",
                                       "cumque",
                                       "delectus",
                                       "deserunt",
                                       "dicta",
                                       "dolor",
                                       "dolorem",
                                       "doloribus",
                                       "ducimus",
                                       "ea",
                                       "eaque",
                                       "earum",
                                       "eius",
                                       "eligendi",
                                       "enim",
                                       "eos",
                                       "error",
                                       "esse",
                                       "est",
                                       "et",
                                       "eum",
                                       "eveniet",
                                       "ex",
                                       "excepturi",
                                       "facere",
                                       "facilis",
                                       "fuga",
                                       "fugiat",
                                       "harum",
                                       "hic",
                                       "id",
                                       "illo",
                                       "impedit",
                                       "in",
                                       "incidunt",
                                       "ipsa",
                                       "ipsum",
                                       "iste",
                                       "itaque",
                                       "iure",
                                       "iusto",
                                       "labore",
                                       "laborum",
                                       "laudantium",
                                       "libero",
                                       "magnam",
                                       "maiores",
                                       "maxime",
                                       "minima",
                                       "modi",
                                       "molestiae",
                                       "mollitia",
                                       "nam",
                                       "natus",
                                       "necessitatibus",
                                       "nemo",
                                       "nihil",
                                       "nobis",
                                       "nostrum",
                                       "nulla",
                                       "numquam",
                                       "occaecati",
                                       "odio",
                                       "officia",
                                       "omnis",
                                       "optio",
                                       "pariatur",
                                       "perferendis",
                                       "placeat",
                                       "porro",
                                       "possimus",
                                       "praesentium",
                                       "provident",
                                       "quae",
                                       "quas",
                                       "quia",
                                       "quidem",
                                       "quis",
                                       "quo",
                                       "quod",
                                       "ratione",
                                       "recusandae",
                                       "rem",
                                       "repellat",
                                       "rerum",
                                       "saepe",
                                       "sapiente",
                                       "sed",
                                       "similique",
                                       "sint",
                                       "sit",
                                       "soluta",
                                       "sunt",
                                       "suscipit",
                                       "tempora",
                                       "tenetur",
                                       "totam",
                                       "ullam",
                                       "unde",
                                       "ut",
                                       "vel",
                                       "velit",
                                       "veniam",
                                       "vero",
                                       "vitae",
                                       "voluptas",
                                       "voluptatem"};

constexpr std::string_view kCompanySuffixes[] = {"Inc", "LLC", "Group", "and Sons", "Ltd", "PLC"};

constexpr std::string_view kIndustries[] = {
    "Agriculture", "Automotive",   "Banking",   "Biotechnology",      "Construction", "Education",
    "Energy",      "Fishery",      "Furniture", "Health Care",        "Hospitality",  "Insurance",
    "Logistics",   "Machinery",    "Mining",    "Publishing",         "Railways",     "Renewables",
    "Retail",      "Shipbuilding", "Software",  "Telecommunications", "Textiles",     "Utilities"};

constexpr std::string_view kBuzzwords[] = {"adaptive",
                                           "balanced",
                                           "cloud-native",
                                           "decentralized",
                                           "end-to-end",
                                           "frictionless",
                                           "holistic",
                                           "immutable",
                                           "interactive",
                                           "open-source",
                                           "proactive",
                                           "real-time",
                                           "reactive",
                                           "robust",
                                           "scalable",
                                           "seamless",
                                           "streaming",
                                           "transparent"};

constexpr std::string_view kCatchAdjectives[] = {"Adaptive",
                                                 "Automated",
                                                 "Balanced",
                                                 "Compatible",
                                                 "Configurable",
                                                 "Distributed",
                                                 "Ergonomic",
                                                 "Extended",
                                                 "Focused",
                                                 "Integrated",
                                                 "Managed",
                                                 "Networked",
                                                 "Optimized",
                                                 "Persistent",
                                                 "Reactive",
                                                 "Robust",
                                                 "Seamless",
                                                 "Universal"};

constexpr std::string_view kCatchNouns[] = {"ability",
                                            "analyzer",
                                            "application",
                                            "archive",
                                            "capacity",
                                            "circuit",
                                            "dashboard",
                                            "encoding",
                                            "framework",
                                            "interface",
                                            "matrix",
                                            "middleware",
                                            "moderator",
                                            "pipeline",
                                            "protocol",
                                            "solution",
                                            "strategy",
                                            "toolset"};

constexpr std::string_view kProfessions[] = {
    "actor",     "architect", "baker",       "bookkeeper", "carpenter", "chemist",    "cook",
    "dentist",   "driver",    "electrician", "engineer",   "farmer",    "gardener",   "journalist",
    "librarian", "mechanic",  "midwife",     "musician",   "nurse",     "optician",   "painter",
    "pilot",     "plumber",   "surveyor",    "tailor",     "teacher",   "translator", "vet"};

constexpr std::string_view kProductAdjectives[] = {"Awesome",
                                                   "Durable",
                                                   "Elegant",
                                                   "Ergonomic",
                                                   "Fantastic",
                                                   "Gorgeous",
                                                   "Handcrafted",
                                                   "Heavy",
                                                   "Lightweight",
                                                   "Practical",
                                                   "Refined",
                                                   "Rustic",
                                                   "Sleek",
                                                   "Small"};

constexpr std::string_view kMaterials[] = {"Aluminum",
                                           "Bronze",
                                           "Concrete",
                                           "Copper",
                                           "Cotton",
                                           "Granite",
                                           "Iron",
                                           "Leather",
                                           "Linen",
                                           "Marble",
                                           "Paper",
                                           "Plastic",
                                           "Rubber",
                                           "Silk",
                                           "Steel",
                                           "Wooden",
                                           "Wool"};

constexpr std::string_view kProducts[] = {"Bag",
                                          "Bench",
                                          "Bottle",
                                          "Chair",
                                          "Clock",
                                          "Coat",
                                          "Gloves",
                                          "Hat",
                                          "Keyboard",
                                          "Knife",
                                          "Lamp",
                                          "Mug",
                                          "Pants",
                                          "Plate",
                                          "Shirt",
                                          "Shoes",
                                          "Table",
                                          "Wallet",
                                          "Watch"};

constexpr std::string_view kDepartments[] = {
    "Automotive",  "Baby",    "Beauty", "Books",   "Clothing", "Computers",
    "Electronics", "Games",   "Garden", "Grocery", "Health",   "Home",
    "Industrial",  "Jewelry", "Kids",   "Movies",  "Music",    "Outdoors",
    "Shoes",       "Sports",  "Tools",  "Toys"};

constexpr std::string_view kColors[] = {
    "azure",  "black",  "blue",   "crimson",   "cyan",   "fuchsia", "gold",   "green",
    "grey",   "indigo", "ivory",  "lavender",  "lime",   "magenta", "maroon", "mint green",
    "olive",  "orange", "orchid", "pink",      "plum",   "purple",  "red",    "salmon",
    "silver", "tan",    "teal",   "turquoise", "violet", "white",   "yellow"};

constexpr std::string_view kJobLevels[] = {"Chief",
                                           "Corporate",
                                           "District",
                                           "Global",
                                           "Junior",
                                           "Lead",
                                           "Principal",
                                           "Regional",
                                           "Senior"};
constexpr std::string_view kJobFields[] = {
    "Accounting", "Advertising", "Banking",   "Community", "Construction",
    "Consulting", "Design",      "Education", "Farming",   "Government",
    "Healthcare", "Hospitality", "IT",        "Legal",     "Manufacturing",
    "Marketing",  "Mining",      "Retail",    "Sales",     "Technology"};
constexpr std::string_view kJobPositions[] = {
    "Administrator", "Agent",       "Analyst",    "Architect", "Assistant", "Associate",
    "Consultant",    "Coordinator", "Designer",   "Developer", "Director",  "Engineer",
    "Executive",     "Facilitator", "Manager",    "Officer",   "Planner",   "Producer",
    "Specialist",    "Strategist",  "Supervisor", "Technician"};

constexpr std::string_view kCurrencyCodes[] = {"AUD",
                                               "BRL",
                                               "CAD",
                                               "CHF",
                                               "CZK",
                                               "DKK",
                                               "EUR",
                                               "GBP",
                                               "INR",
                                               "JPY",
                                               "MXN",
                                               "NOK",
                                               "NZD",
                                               "PLN",
                                               "SEK",
                                               "TRY",
                                               "USD",
                                               "ZAR"};
constexpr std::string_view kCurrencyNames[] = {"Australian Dollar",
                                               "Brazilian Real",
                                               "Canadian Dollar",
                                               "Swiss Franc",
                                               "Czech Koruna",
                                               "Danish Krone",
                                               "Euro",
                                               "Pound Sterling",
                                               "Indian Rupee",
                                               "Japanese Yen",
                                               "Mexican Peso",
                                               "Norwegian Krone",
                                               "New Zealand Dollar",
                                               "Polish Zloty",
                                               "Swedish Krona",
                                               "Turkish Lira",
                                               "US Dollar",
                                               "South African Rand"};

// In the order of WordList.
constexpr std::span<const std::string_view> kLists[] = {
    kFemaleNames,    kMaleNames,       kFamilyNames,       kNamePrefixes,  kNameSuffixes,
    kCities,         kStates,          kStateCodes,        kCountries,     kCountryCodes,
    kStreetSuffixes, kTimeZones,       kDomainSuffixes,    kMailProviders, kUserAgents,
    kLatin,          kCompanySuffixes, kIndustries,        kBuzzwords,     kCatchAdjectives,
    kCatchNouns,     kProfessions,     kProductAdjectives, kMaterials,     kProducts,
    kDepartments,    kColors,          kJobLevels,         kJobFields,     kJobPositions,
    kCurrencyCodes,  kCurrencyNames,
};
static_assert(std::size(kLists) == static_cast<std::size_t>(WordList::kCurrencyNames) + 1);

}  // namespace

std::span<const std::string_view> words(WordList list) {
  return kLists[static_cast<std::size_t>(list)];
}

}  // namespace millrace::connect::faker::detail
