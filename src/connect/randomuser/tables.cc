#include "connect/randomuser/tables.h"

#include <string_view>
#include <vector>

namespace millrace::connect::randomuser {
namespace {

// Words are separated by `|`; `text=ascii` gives the ASCII form where accents are not enough.
struct Row {
  std::string_view code;
  std::string_view country;
  std::string_view men;
  std::string_view women;
  std::string_view families;
  std::string_view streets;
  std::string_view cities;
  std::string_view states;
  std::string_view phone;
  std::string_view cell;
  std::string_view id_name;
  std::string_view id_pattern;
  PostcodeForm postcode = PostcodeForm::kFiveDigits;
};

constexpr Row kRows[] = {
    {.code = "AU",
     .country = "Australia",
     .men = "Lachlan|Brody|Angus|Flynn|Darcy|Jarrah|Callum|Mitchell|Harvey|Declan|Ewan|Zane",
     .women = "Matilda|Tahlia|Sienna|Indi|Kirra|Bronte|Maeve|Talia|Gemma|Freya|Jacinta|Tilly",
     .families = "Brightwater|Kellaway|O'Hara|Marchbank|Lonergan|Pascoe|Whitlock|Thornbury|Quist|"
                 "Cassidy|Dunmore|Rafferty|Holloway|Bannister",
     .streets = "Wattle Grove|Tank Hill Rd|Magpie St|Banksia Ave|Old Mill Rd|Ironbark Ln|"
                "Lighthouse Pde|Station St|Cockatoo Cres|Jacaranda Dr",
     .cities = "Wagga Wagga|Bunbury|Ballarat|Toowoomba|Mildura|Geraldton|Devonport|Tamworth|"
               "Mount Gambier|Alice Springs",
     .states = "Victoria|Tasmania|Queensland|New South Wales|South Australia|Western Australia|"
               "Northern Territory|Australian Capital Territory",
     .phone = "0%-####-####",
     .cell = "04##-###-###",
     .id_name = "TFN",
     .id_pattern = "%########",
     .postcode = PostcodeForm::kAustralia},
    {.code = "BR",
     .country = "Brazil",
     .men = "João|Caetano|Otávio|Davi|Murilo|Thiago|Luís|Antônio|Enzo|Márcio|Zaqueu|Félix",
     .women = "Conceição|Íris|Luíza|Helena|Lívia|Jordânia|Heloísa|Zilá|Isaura|Débora|Antônia|Tainá",
     .families = "Araújo|Simões|da Conceição|Gonçalves|Magalhães|Peixoto|Brandão|Falcão|Sá|"
                 "da Rosa|Viana|Antunes|Guimarães|Leão",
     .streets = "Rua das Acácias|Avenida São Brás|Travessa Itaú|Rua Sete de Setembro|"
                "Rua Castro Alves|Avenida Brasília|Rua Três|Alameda dos Ipês|Rua São José|"
                "Rua Paraná",
     .cities = "Maceió|São Luís|Ijuí|Poços de Caldas|Niterói|Uberlândia|Macapá|Guarujá|"
               "Jaraguá do Sul|Petrópolis",
     .states = "Ceará|Goiás|Pará|Minas Gerais|Espírito Santo|São Paulo|Rondônia|Piauí|Bahia|Amapá",
     .phone = "(##) ####-####",
     .cell = "(##) ####-####",
     .id_name = "CPF",
     .id_pattern = "###.###.###-##"},
    {.code = "CA",
     .country = "Canada",
     .men = "Étienne|Logan|Hudson|Félix|Beau|Zachary|Malik|Olivier|Nathan|Philippe|Gavin|Théo",
     .women = "Océane|Maëlle|Piper|Léa|Brielle|Mégane|Hailey|Coralie|Zoé|Ellie|Noémie|Addison",
     .families = "Lévesque|Fraser|Beaulieu|Gagné|MacKay|Côté|Tremblay|Sinclair|Pelletier|Chu|"
                 "Bélanger|Knight|St-Pierre|Harcourt",
     .streets = "Rue Sainte-Élise|Maple Ridge Rd|Harbour Ln|Lakeview Dr|Concession Rd 6|"
                "Chemin du Lac|Tecumseh St|Rue Montcalm|Alder Ave|Dufferin St",
     .cities = "Trois-Rivières|Moncton|Yellowknife|Saint-Jérôme|Kelowna|Sherbrooke|Red Deer|"
               "Fredericton|Lévis|Thunder Bay",
     .states = "Québec|Nova Scotia|Yukon|Ontario|Alberta|Manitoba|British Columbia|Saskatchewan|"
               "Prince Edward Island|New Brunswick",
     .phone = "?## ?##-####",
     .cell = "?## ?##-####",
     .id_name = "SIN",
     .id_pattern = "#########",
     .postcode = PostcodeForm::kCanada},
    {.code = "CH",
     .country = "Switzerland",
     .men = "Reto|Loïc|Urs|Beat|Jérôme|Gian|Cédric|Flurin|Luca|Noé|Andrin|Matthäus",
     .women = "Céline|Vreni|Zoé|Ladina|Anaïs|Seraina|Mélanie|Alessia|Ursina|Noémi|Regula|Inès",
     .families = "Bühler|Jeanneret|Zürcher|Aebischer|Favre|Rüegg|Schläpfer|Bianchi|Hünig|Perrin|"
                 "Camenzind|Müller|Guyot|Lüthi",
     .streets = "Bahnhofgässli|Chemin du Lièvre|Via Sant'Anna|Mühleweg|Rue du Château|"
                "Oberdorfstrasse|Quai du Rhône|Lindenhof|Via al Lago|Hölzliweg",
     .cities = "Neuchâtel|Zug|Bellinzona|Delémont|Köniz|Chur|Küsnacht|Martigny|Wädenswil|Fribourg",
     .states = "Graubünden|Zürich|Genève|Neuchâtel|Appenzell Ausserrhoden|Ticino|Uri|Vaud|"
               "Valais|Luzern",
     .phone = "07# ### ## ##",
     .cell = "07# ### ## ##",
     .id_name = "AVS",
     .id_pattern = "756.####.####.##",
     .postcode = PostcodeForm::kSwitzerland},
    {.code = "DE",
     .country = "Germany",
     .men = "Jörg|Götz|Matthäus|Henrik|Lüder|Anton|Björn|Wolfgang|Jürgen|Caspar|Günther|Emil",
     .women = "Käthe|Jördis|Bärbel|Annegret|Lieselotte|Frieda|Änne|Mathilda|Ida|Sünje|Greta|Rosel",
     .families = "Müller-Strauß|Weiß|Schröter|Böhm|Küster|Großmann|Lüdtke|Vogt|Sänger|Hänel|"
                 "von der Heyde|Köster|Jäger|Brückner",
     .streets = "Königsallee|Am Bächle|Straße der Einheit|Mühlenweg|Goethestraße|Birkenweg|"
                "An der Schleuse|Schloßstraße|Grüner Weg|Römerstraße",
     .cities = "Görlitz|Bad Tölz|Düren|Lüneburg|Würzburg|Husum|Weißenfels|Göttingen|Ahaus|Prüm",
     .states = "Thüringen|Baden-Württemberg|Hessen|Sachsen|Bayern|Niedersachsen|Brandenburg|"
               "Schleswig-Holstein|Rheinland-Pfalz|Saarland",
     .phone = "0###-#######",
     .cell = "017#-#######",
     .id_name = "SVNR",
     .id_pattern = "## ###### ? ###"},
    {.code = "DK",
     .country = "Denmark",
     .men = "Søren|Åge|Jeppe|Asbjørn|Mikkel|Jørgen|Rasmus|Bjørk|Villads|Tøger|Anker|Magnus",
     .women = "Maja|Bodil|Ærica|Kirstine|Solvej|Åse|Mathilde|Lærke|Karen|Sidsel|Bølgelin|Freja",
     .families = "Kjær|Østergård|Bøgh|Møller|Nørgaard|Thygesen|Sørensen|Skovgård|Brøndum|"
                 "Lauridsen|Ægidius|Hald|Krøyer|Damgaard",
     .streets = "Nørregade|Ågade|Strandvænget|Kirkebakken|Møllevej|Søndergade|Æblehaven|"
                "Fjordvej|Rugmarken|Østerbro",
     .cities = "Rødby|Aabenraa|Hjørring|Køge|Sønderborg|Ærøskøbing|Viborg|Nyborg|Rønne|Ålestrup",
     .states = "Sjælland|Nordjylland|Syddanmark|Midtjylland|Hovedstaden",
     .phone = "########",
     .cell = "########",
     .id_name = "CPR",
     .id_pattern = "######-####"},
    {.code = "ES",
     .country = "Spain",
     .men = "Íñigo|Joaquín|Óscar|Álvaro|Ramiro|Jesús|Adrián|Martín|Gaspar|Héctor|Unai|César",
     .women = "Begoña|Lucía|Ainhoa|Inés|Rocío|Nieves|Mónica|Araceli|Itziar|Sofía|Amparo|Marián",
     .families = "Muñoz|Ibáñez|Peñalver|Gutiérrez|Nuñez|Cano|Fernández|Bermúdez|Sáez|Castañeda|"
                 "Ortuño|Marín|Velázquez|de la Peña",
     .streets = "Calle del Pez|Avenida de Aragón|Ronda de Toledo|Calle de Alcalá|Paseo de Zorrilla|"
                "Plaza de la Constitución|Calle de Ángel García|Avenida del Puerto|Calle Mayor|"
                "Calle de la Almudena",
     .cities = "Cádiz|A Coruña|León|Málaga|Logroño|Ávila|Castellón de la Plana|Mérida|Almería|"
               "San Sebastián",
     .states = "Aragón|Castilla y León|País Vasco|Andalucía|Cataluña|Extremadura|Galicia|"
               "Comunidad de Madrid|Islas Baleares|La Rioja",
     .phone = "9##-###-###",
     .cell = "6##-###-###",
     .id_name = "DNI",
     .id_pattern = "########-?"},
    {.code = "FI",
     .country = "Finland",
     .men = "Väinö|Eetu|Jyri|Onni|Pekka|Tuomas|Niilo|Hämy|Arttu|Seppo|Yrjö|Leevi",
     .women = "Päivi|Aino|Söde|Helmi|Venla|Säde|Kaisa|Minttu|Eevi|Pihla|Äitu|Iida",
     .families = "Hämäläinen|Mäkelä|Yli-Öyry|Korpi|Väisänen|Lehtonen|Kärkkäinen|Niemelä|Pöysti|"
                 "Salmi|Rautio|Jäntti|Ylönen|Manner",
     .streets = "Hämeenkatu|Pispalanväylä|Ilmarinkuja|Mechelininkatu|Visiokatu|Suvantokatu|"
                "Pyynikintie|Hermiankatu|Itsenäisyydenkatu|Rautatienkatu",
     .cities = "Hyvinkää|Äänekoski|Porvoo|Jämsä|Säkylä|Rovaniemi|Kökar|Nykarleby|Pyhäjoki|Lohja",
     .states = "Pirkanmaa|Päijänne|Lappi|Uusimaa|Pohjanmaa|Kainuu|Etelä-Savo|Åland|Kymenlaakso|"
               "Satakunta",
     .phone = "0#-###-###",
     .cell = "04#-###-##-##",
     .id_name = "HETU",
     .id_pattern = "######-###?"},
    {.code = "FR",
     .country = "France",
     .men = "Gaëtan|Anaël|François|Rémi|Timothée|Loïs|Célestin|Noé|Mathéo|Côme|Jérémie|Aurélien",
     .women = "Élodie|Noëlle|Maïwenn|Léonie|Clémence|Anaëlle|Océane|Inès|Éva|Garance|Zélie|Héloïse",
     .families = "Lefèvre|D'Aubigné|Garçon|Legrand|Bérenger|Moulin|Guérin|Rousseau|Hébert|Noël|"
                 "Duchêne|Faure|L'Hermite|Chévrier",
     .streets = "Avenue de l'Abbé-Roussel|Rue du Bât-d'Argent|Place du 8 Février 1962|"
                "Rue des Écoles|Boulevard de Balmont|Rue de l'Église|Quai Chauveau|"
                "Rue Bony|Rue du Dauphiné|Montée Saint-Barthélémy",
     .cities = "Orléans|Saint-Étienne|Besançon|Nîmes|Aix-en-Provence|Créteil|Vénissieux|Limoges|"
               "Béziers|Angoulême",
     .states = "Hérault|Côte-d'Or|Rhône|Finistère|Vendée|Haute-Saône|Drôme|Val-de-Marne|Lozère|"
               "Ardèche",
     .phone = "0%-##-##-##-##",
     .cell = "06-##-##-##-##",
     .id_name = "INSEE",
     .id_pattern = "1############# ##"},
    {.code = "GB",
     .country = "United Kingdom",
     .men = "Alfie|Rhys|Callum|Barnaby|Fergus|Owain|Hamish|Theodore|Archie|Dafydd|Toby|Ruairi",
     .women = "Imogen|Niamh|Bethan|Florence|Isla|Seren|Harriet|Carys|Poppy|Ailsa|Beatrix|Elspeth",
     .families = "Ap Gwilym|O'Doherty|Thistlethwaite|Ashworth|Penhaligon|MacRae|Featherstone|"
                 "Pritchard|Wetherby|Hargreaves|Llewellyn|Tunstall|Buchanan|Crabtree",
     .streets = "The Green|King's Road|Mill Lane|Church Street|Station Road|Grange Road|"
                "Queensway|St. John's Road|Albert Terrace|The Crescent",
     .cities = "Leominster|Newtown St. Boswells|Ely|Carlisle|Lisburn|Aberystwyth|Wakefield|"
               "Inverness|Stoke-on-Trent|Truro",
     .states = "Powys|Rutland|Fife|Cornwall|County Antrim|Gwynedd|West Yorkshire|Tayside|Norfolk|"
               "Merseyside",
     .phone = "01### ######",
     .cell = "07### ######",
     .id_name = "NINO",
     .id_pattern = "?? ## ## ## ?",
     .postcode = PostcodeForm::kUnitedKingdom},
    {.code = "IE",
     .country = "Ireland",
     .men = "Oisín|Tadhg|Cillian|Pádraig|Eoghan|Fionn|Seán|Ruairí|Donnacha|Diarmuid|Cathal|Odhrán",
     .women =
         "Gráinne|Síle|Aoibhín|Saoirse|Róisín|Caoimhe|Sorcha|Ciara|Muireann|Éabha|Nuala|Bláthín",
     .families = "Ó Ceallaigh|Ní Bhriain|O'Shea|Fitzgerald|Ó Súilleabháin|Kinsella|Dempsey|"
                 "Mac Cárthaigh|Lally|Brennan|O'Keeffe|Geraghty|Doyle|Tuohy",
     .streets = "Bóthar na Trá|Grafton Lane|Mill Street|The Quay|Patrick Street|Henry Street|"
                "Dublin Road|Springfield Road|Sráid an Droichid|Woodlawn Avenue",
     .cities = "Dún Laoghaire|Ennis|Trim|Carrick-on-Shannon|Clonmel|Letterkenny|Navan|Tralee|"
               "An Daingean|Mullingar",
     .states = "Wicklow|Donegal|Clare|Galway|Kerry|Offaly|Sligo|Dublin City|Louth|Leitrim",
     .phone = "0##-###-####",
     .cell = "081-###-####",
     .id_name = "PPS",
     .id_pattern = "#######??"},
    {.code = "IN",
     .country = "India",
     .men = "Aarav|Ishaan|Devansh|Kabir|Rohan|Vihaan|Arjun|Nikhil|Siddharth|Om|Farhan|Yuvraj",
     .women = "Ananya|Kavya|Meera|Diya|Sanvi|Ishita|Priya|Nandini|Aditi|Zoya|Lakshmi|Rupali",
     .families = "Iyer|Chattopadhyay|D'Souza|Bhattacharya|Nair|Gowda|Saldanha|Kulkarni|Prabhu|"
                 "Deshmukh|Mahajan|Shetty|Kapadia|Rao",
     .streets = "MG Road|Netaji Subhash Marg|Temple Tank St|Bannerghatta Rd|Linking Rd|"
                "Janpath|Jubilee Hills Rd No. 36|Station Rd|Lal Darwaza|Kasturba Rd",
     .cities = "Thiruvananthapuram|Kozhikode|Alwar|Tiruchirappalli|Jabalpur|Nanded|Shimla|Imphal|"
               "Rourkela|Bhavnagar",
     .states = "Kerala|Odisha|Rajasthan|Tamil Nadu|Himachal Pradesh|Manipur|Gujarat|Maharashtra|"
               "West Bengal|Andaman and Nicobar Islands",
     .phone = "%#########",
     .cell = "9#########",
     .id_name = "UIDAI",
     .id_pattern = "############"},
    {.code = "IR",
     .country = "Iran",
     .men = "آرین=aryn|پارسا=prs|کیان=khyn|امیرحسین=myrhsyn|سپهر=sphr|بهنام=bhnm|مهدی=mhdy|"
            "آرش=arsh|سینا=syn|محمدطاها=mhmdth|رضا=rd|ایلیا=ylya",
     .women = "نیلوفر=nylwfr|ستاره=strh|یلدا=yld|مهسا=mhs|پریا=prya|الینا=lyn|هستی=hsty|"
              "آیناز=aynz|سوگند=swgnd|غزل=ghzl|بهاره=bhrh|کیمیا=khymy",
     .families =
         "احمدی‌نیا=hmdyny|رضایی=rdyy|گلستانی=glstny|محمدخان=mhmdkhn|"
         "نجاتی="
         "njty|"
         "یاسمی=ysmy|قاسمی=qsmy|حسینی=hsyny|سلطانی‌نژاد=sltnynjd|"
         "کوتی="
         "khwty|"
         "پارسا=prs|صدر=sdr|جعفری=jfry|مرادی=mrdy",
     .streets = "میدان آزادی|خیابان حافظ|بلوار کشاورز|شهید بهشتی|کمیل|میدان امام حسین|"
                "پارک دانشجو|نوفل لوشاتو|استاد "
                "نجات‌اللهی|فداییان "
                "اسلام",
     .cities =
         "اصفهان|شیراز|ساری|تبریز|یزد|بندرعباس|خرم‌آباد|"
         "کرمانشاه|"
         "قم|"
         "نجف‌آباد",
     .states = "فارس|گیلان|خراسان رضوی|آذربایجان شرقی|کهگیلویه و بویراحمد|مازندران|البرز|"
               "سیستان و بلوچستان|هرمزگان|چهارمحال و بختیاری",
     .phone = "0##-########",
     .cell = "09##-###-####",
     .id_name = "",
     .id_pattern = ""},
    {.code = "MX",
     .country = "Mexico",
     .men = "Ramón|Cuauhtémoc|Ángel|Fermín|José Luis|Hernán|Tomás|Noé|Raúl|Iván|Ezequiel|Martín",
     .women = "Xóchitl|Belén|Sofía|Citlali|Guadalupe|Ámbar|Noemí|Itzel|Verónica|Ángela|Dulce|Perla",
     .families = "Núñez|Zúñiga|de la Garza|Cárdenas|Treviño|Barragán|Orozco|Villaseñor|Gálvez|"
                 "Rentería|Escobedo|Tafoya|Peña|Montañez",
     .streets = "Calzada de los Héroes|Eje 2 Poniente|Callejón Ñandú|Avenida Norte Sandoval|"
                "Calle Sur Solís|Privada Roldán|Periférico México|Andador Zapata|"
                "Viaducto República|Cerrada Jalisco",
     .cities = "Mérida|Tepic|Ciudad Juárez|Culiacán|Tehuacán|San Luis Potosí|Xochimilco|Torreón|"
               "Cananea|Jiménez",
     .states = "Nuevo León|Michoacán|Yucatán|Querétaro|Oaxaca|Chihuahua|Quintana Roo|"
               "Veracruz|Coahuila|Estado de México",
     .phone = "(###) ### ####",
     .cell = "(###) ### ####",
     .id_name = "NSS",
     .id_pattern = "## ## ## #### #"},
    {.code = "NL",
     .country = "Netherlands",
     .men = "Thijs|Jurriën|Daan|Sybren|Pepijn|Joost|Gijsbert|Maas|Wybe|Koen|André|Zeger",
     .women = "Fenna|Zoë|Loïs|Marijke|Liselot|Noëlle|Sanne|Wietske|Jikke|Daniëlle|Hanneke|Ilse",
     .families = "'t Hart|van der Meulen|IJsseldijk|de Vries|Hoekstra|van 't Veer|Boterblom|"
                 "Oostveen|ter Haar|Zandstra|van den Brink|Kuipers|in 't Veld|Wijngaard",
     .streets = "'s-Gravenweg|Prinsengracht|Oude Delft|Noordermarkt|Waterlooplein|"
                "Kees Jansmastraat|De Opgang|Groene Hilledijk|Ceintuurbaan|'t Hofje",
     .cities = "'s-Hertogenbosch|Ees|IJmuiden|Den Burg|Kruisland|Sint Jansklooster|Nij Altoenae|"
               "Zwolle|Coevorden|'t Zand",
     .states = "Zuid-Holland|Fryslân|Drenthe|Noord-Brabant|Zeeland|Overijssel|Flevoland|Limburg|"
               "Gelderland|Utrecht",
     .phone = "(0###) ######",
     .cell = "(06) ########",
     .id_name = "BSN",
     .id_pattern = "########",
     .postcode = PostcodeForm::kNetherlands},
    {.code = "NO",
     .country = "Norway",
     .men = "Håkon|Bjørn|Sjur|Torbjørn|Aslak|Jørund|Sindre|Øystein|Eirik|Pål|Vebjørn|Trygve",
     .women = "Solveig|Åshild|Tiril|Ragnhild|Åse|Vår|Synnøve|Ingebjørg|Tuva|Gjøril|Marthe|Runa",
     .families = "Frøyland|Sæther|Østby|Bakkevåg|Nygård|Hjelmeland|Bjørnstad|Aasen|Røkke|"
                 "Skåland|Tøien|Granli|Sørbø|Ødegaard",
     .streets = "Bygdøynesveien|Skøyenåsveien|Kjelsåsveien|Grønlandsleiret|Kong Håkon 5s gate|"
                "Bråtenalléen|Lørenfaret|Nordbergveien|Sørkedalsveien|Åsenveien",
     .cities = "Ålesund|Bodø|Tromsø|Førde|Røros|Hønefoss|Sandnessjøen|Kirkenær|Mosjøen|Ørsta",
     .states = "Møre og Romsdal|Trøndelag|Vestfold|Sogn og Fjordane|Østfold|Finnmark - Finnmárku|"
               "Nordland|Agder|Rogaland|Telemark",
     .phone = "########",
     .cell = "4#######",
     .id_name = "FN",
     .id_pattern = "###########",
     .postcode = PostcodeForm::kFourTextual},
    {.code = "NZ",
     .country = "New Zealand",
     .men = "Tane|Wiremu|Hunter|Nikau|Rangi|Mason|Tāwhiri|Blake|Hōne|Carter|Ihaia|Lincoln",
     .women = "Aroha|Anahera|Ruby|Mere|Ngaio|Kiri|Mia|Hinemoa|Paige|Marama|Aria|Tūī",
     .families = "Te Rangi|Harawira|Wright|Ngata|Thompson|Parata|Walker|Hohepa|Morris|Tūhoe|"
                 "Anderson|Wihongi|Li|Pōtae",
     .streets = "Queen Street|Ōtaki Road|Kauri Ln|Victoria Street|Moorhouse Avenue|"
                "Tāmaki Drive|Jervois Road|State Highway 2|Pūkeko Place|Carlton Road",
     .cities = "Whangārei|Taupō|Ōamaru|Napier|Invercargill|Tauranga|Hāwera|Dunedin|Whakatāne|"
               "Lower Hutt",
     .states = "Waikato|Otago|Northland|Southland|Hawke's Bay|Taranaki|Manawatū-Whanganui|"
               "West Coast|Canterbury|Tasman",
     .phone = "(###)-###-####",
     .cell = "(###)-###-####",
     .id_name = "",
     .id_pattern = ""},
    {.code = "RS",
     .country = "Serbia",
     .men = "Đorđe|Miloš|Živko|Časlav|Uroš|Nemanja|Strahinja|Žarko|Aleksić|Vuk|Radiša|Siniša",
     .women = "Ljubica|Svetlana|Anđelija|Živana|Jelisaveta|Božica|Dušica|Senka|Đurđa|Miloška|"
              "Nataša|Čarna",
     .families = "Đukić|Šćekić|Živanović|Petković|Čolić|Jevtić|Mišić|Rašković|Žikić|Vučurević|"
                 "Nešić|Ćirić|Dobrić|Stojković",
     .streets = "Ulica Čika Ljubina|Bulevar Oslobođenja|Đure Jakšića|Kneza Miloša|Njegoševa|"
                "Trg Republike|Žička|Braće Ćirića|Šumadijska|Radnička",
     .cities = "Šabac|Čačak|Niš|Užice|Požarevac|Žabalj|Kruševac|Bačka Palanka|Pećinci|Vršac",
     .states = "Zlatibor|Šumadija|Južni Banat|Kolubara|Mačva|Nišava|Pčinja|Severna Bačka|"
               "Podunavlje|Rašina",
     .phone = "0##-####-###",
     .cell = "06#-####-###",
     .id_name = "SID",
     .id_pattern = "#########"},
    {.code = "TR",
     .country = "Turkey",
     .men = "Çağrı|Görkem|İlker|Oğuzhan|Barış|Kağan|Tuğrul|Şahin|Eymen|Ümit|Işık|Alparslan",
     .women = "Şükriye|Gülşah|Işıl|Özge|Çiğdem|Nurgül|Ceyda|Müjde|Ayşegül|İpek|Ümran|Buğlem",
     .families = "Yıldız|Öztürk|Çelikoğlu|Akgül|Sarıoğlu|Tüzün|Kılıççı|Avan|Çörekçi|Günday|"
                 "Ağaoğlu|Şener|Yeşilkaya|Özberk",
     .streets = "Atatürk Sk|Bağdat Cd|Şehitler Cd|Mevlana Cd|Kushimoto Sk|Fatih Sultan Mehmet Cd|"
                "Maçka Cd|Abanoz Sk|Anafartalar Cd|Filistin Cd",
     .cities = "Eskişehir|Muğla|Iğdır|Şanlıurfa|Gümüşhane|Kırşehir|Çorum|Uşak|Düzce|Bingöl",
     .states = "Çanakkale|Kütahya|Niğde|Ağrı|Elazığ|İzmir|Tekirdağ|Balıkesir|Muş|Diyarbakır",
     .phone = "(###)-###-####",
     .cell = "(###)-###-####",
     .id_name = "",
     .id_pattern = ""},
    {.code = "UA",
     .country = "Ukraine",
     .men = "Yaroslav|Ostap|Danylo|Zenoviy|Lyubomir|Vsevolod|Taras|Bogodar|Svyatoslav|Orest|"
            "Chestmir|Dem'yan",
     .women = "Zoriana|Solomiya|Mar'yana|Lesya|Bozhena|Kvitka|Svyatogora|Nadiya|Yuliana|"
              "Vasilina|Rostislava|Oksana",
     .families = "Shevchuk|Koval'skyy|Hnatyuk|Rudnic'kyy|Zabolotniy|Prihod'ko|Yevtushok|"
                 "Dubina|Stec'kiv|Ovsiyenko|Lutsenko|Tkachyk|Vovk|Bilozir",
     .streets = "Vulitsya Franka|Ploshcha Rynok|Provulok Sadovyy|Vulitsya Kozac'ka|"
                "Naberezhna Dnipra|Prospekt Svobodi|Uzviz Andriyivs'kyy|Vulitsya Lesi Ukrayinki|"
                "Mis'kiy Sad|Bul'var Kobzarya",
     .cities = "Drohobych|Ivano-Frankivs'k|Uman'|Kam'yanec'-Podil's'kiy|Zhmerinka|Chortkiv|"
               "Bila Cerkva|Nizhyn|Mirgorod|Kovel'",
     .states = "Zakarpats'ka|L'vivs'ka|Cherkas'ka|Volins'ka|Poltavs'ka|Ternopil's'ka|Odes'ka|"
               "Kiyivs'ka|Sums'ka|Vinnic'ka",
     .phone = "(0##) ?##-####",
     .cell = "(09#) ?##-####",
     .id_name = "",
     .id_pattern = ""},
    {.code = "US",
     .country = "United States",
     .men = "Wyatt|Jaylen|Brooks|Harrison|Marcus|Leroy|Dwight|Caleb|Terrance|Virgil|Rodney|Gabe",
     .women =
         "Harper|Savannah|Delia|Jennie|Loretta|Scarlett|Rhonda|Camila|Marsha|Ruby|Tamara|Hazel",
     .families = "Nichols|O'Connor|Vandermeer|Castillo|Whitfield|Boudreaux|Mckinney|Lindqvist|"
                 "Stanfield|Ramirez|Holcomb|Tran|Delacroix|Jefferson",
     .streets = "Valwood Pkwy|E North St|Mcclellan Rd|Ranchview Dr|Wycliff Ave|Oak Lawn Ave|"
                "Rolling Green Rd|Spring Hill Rd|Hickory Creek Dr|W 6th St",
     .cities = "Billings|Truth or Consequences|Eugene|Chattanooga|Coeur d'Alene|Duluth|"
               "Yakima|Baton Rouge|Lansing|Kodiak",
     .states = "Michigan|New Mexico|Oregon|Louisiana|Idaho|Minnesota|Washington|Tennessee|Alaska|"
               "Rhode Island",
     .phone = "(%##) ###-####",
     .cell = "(%##) ###-####",
     .id_name = "SSN",
     .id_pattern = "%##-##-####"},
};
static_assert(std::size(kRows) == kNationalities);

constexpr TimeZoneWords kTimeZones[] = {
    {"-12:00", "Eniwetok, Kwajalein"},
    {"-11:00", "Midway Island, Samoa"},
    {"-10:00", "Hawaii"},
    {"-9:00", "Alaska"},
    {"-8:00", "Pacific Time (US & Canada)"},
    {"-7:00", "Mountain Time (US & Canada)"},
    {"-6:00", "Central Time (US & Canada), Mexico City"},
    {"-5:00", "Eastern Time (US & Canada), Bogota, Lima"},
    {"-4:00", "Atlantic Time (Canada), Caracas, La Paz"},
    {"-3:30", "Newfoundland"},
    {"-3:00", "Brazil, Buenos Aires, Georgetown"},
    {"-2:00", "Mid-Atlantic"},
    {"-1:00", "Azores, Cape Verde Islands"},
    {"0:00", "Western Europe Time, London, Lisbon, Casablanca"},
    {"+1:00", "Brussels, Copenhagen, Madrid, Paris"},
    {"+2:00", "Kaliningrad, South Africa"},
    {"+3:00", "Baghdad, Riyadh, Moscow, St. Petersburg"},
    {"+3:30", "Tehran"},
    {"+4:00", "Abu Dhabi, Muscat, Baku, Tbilisi"},
    {"+4:30", "Kabul"},
    {"+5:00", "Ekaterinburg, Islamabad, Karachi, Tashkent"},
    {"+5:30", "Bombay, Calcutta, Madras, New Delhi"},
    {"+5:45", "Kathmandu"},
    {"+6:00", "Almaty, Dhaka, Colombo"},
    {"+7:00", "Bangkok, Hanoi, Jakarta"},
    {"+8:00", "Beijing, Perth, Singapore, Hong Kong"},
    {"+9:00", "Tokyo, Seoul, Osaka, Sapporo, Yakutsk"},
    {"+9:30", "Adelaide, Darwin"},
    {"+10:00", "Eastern Australia, Guam, Vladivostok"},
    {"+11:00", "Magadan, Solomon Islands, New Caledonia"},
    {"+12:00", "Auckland, Wellington, Fiji, Kamchatka"},
};

constexpr std::string_view kAdjectives[] = {"yellow", "silver",  "tiny",   "happy", "crazy",
                                            "purple", "organic", "orange", "big",   "small",
                                            "black",  "white",   "green",  "blue",  "golden",
                                            "lazy",   "angry",   "sad",    "heavy", "ticklish"};

constexpr std::string_view kAnimals[] = {"peacock", "goose", "meercat", "koala", "ladybug",
                                         "swan",    "panda", "rabbit",  "frog",  "lion",
                                         "leopard", "fish",  "duck",    "bear",  "wolf",
                                         "gorilla", "tiger", "cat",     "dog",   "bird"};

constexpr std::string_view kPasswords[] = {"teddybear",
                                           "dragon",
                                           "sunshine",
                                           "pirate",
                                           "marlboro",
                                           "bicycle",
                                           "orchid",
                                           "galaxy",
                                           "pumpkin",
                                           "rocket",
                                           "velvet",
                                           "harvest",
                                           "kitten",
                                           "lantern",
                                           "biscuit",
                                           "thunder"};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t bar = text.find('|');
    words.push_back(text.substr(0, bar));
    if (bar == std::string_view::npos) {
      return words;
    }
    text.remove_prefix(bar + 1);
  }
}

std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  for (const std::string_view word : split(text)) {
    const std::size_t equals = word.find('=');
    words.push_back(
        {.text = word.substr(0, equals),
         .ascii = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1)});
  }
  return words;
}

std::vector<Nationality> read_rows() {
  std::vector<Nationality> all;
  all.reserve(kNationalities);
  for (const Row& row : kRows) {
    all.push_back({.code = row.code,
                   .country = row.country,
                   .men = split_words(row.men),
                   .women = split_words(row.women),
                   .families = split_words(row.families),
                   .streets = split(row.streets),
                   .cities = split(row.cities),
                   .states = split(row.states),
                   .phone = row.phone,
                   .cell = row.cell,
                   .id_name = row.id_name,
                   .id_pattern = row.id_pattern,
                   .postcode = row.postcode});
  }
  return all;
}

}  // namespace

std::span<const Nationality> nationalities() {
  static const std::vector<Nationality> kAll = read_rows();
  return kAll;
}

std::span<const TimeZoneWords> time_zones() {
  return kTimeZones;
}

std::span<const std::string_view> adjectives() {
  return kAdjectives;
}

std::span<const std::string_view> animals() {
  return kAnimals;
}

std::span<const std::string_view> passwords() {
  return kPasswords;
}

}  // namespace millrace::connect::randomuser
