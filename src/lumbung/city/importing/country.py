"""On which side of the road people drive, by the country of the nearest town in a table.

The table is dense where roads cross a border from one side to the other (Thailand, Malaysia and Timor-Leste to their
neighbours), and sparse elsewhere. A package of all the world's towns would weigh 180 MB for this one letter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Where people drive on the left (ISO 3166-1): the six of South-East Asia first.
LEFT = frozenset(
    {
        "ID", "TH", "MY", "SG", "BN", "TL",
        "AG", "AI", "AU", "BB", "BD", "BM", "BS", "BT", "BW", "CC", "CK", "CX", "CY", "DM", "FJ", "FK", "GB", "GD", "GG",
        "GY", "HK", "IE", "IM", "IN", "JE", "JM", "JP", "KE", "KI", "KN", "KY", "LC", "LK", "LS", "MO", "MS", "MT", "MU",
        "MV", "MW", "MZ", "NA", "NF", "NP", "NR", "NU", "NZ", "PG", "PK", "PN", "SB", "SC", "SH", "SR", "SZ", "TC", "TK",
        "TO", "TT", "TV", "TZ", "UG", "VC", "VG", "VI", "WS", "ZA", "ZM", "ZW",
    }
)  # fmt: skip
# Farther from any town of the table, the country is not certain.
FAR_KM = 300.0

# Towns by country: name, latitude, longitude, in whole hundredths of a degree at best.
_TOWNS = """
ID Banda Aceh 5.55 95.32; Medan 3.59 98.67; Pekanbaru 0.51 101.45; Padang -0.95 100.35; Palembang -2.98 104.76; Batam 1.13 104.05
ID Bandar Lampung -5.43 105.26; Jakarta -6.21 106.85; Bandung -6.91 107.61; Semarang -6.97 110.42; Yogyakarta -7.8 110.36
ID Surabaya -7.25 112.75; Denpasar -8.65 115.22; Mataram -8.58 116.1; Kupang -10.17 123.61; Atambua -9.11 124.89
ID Pontianak -0.03 109.33; Entikong 0.93 110.3; Palangkaraya -2.21 113.92; Banjarmasin -3.32 114.59; Samarinda -0.5 117.15
ID Tarakan 3.3 117.63; Nunukan 4.13 117.66; Makassar -5.15 119.43; Palu -0.9 119.87; Kendari -3.97 122.51; Manado 1.49 124.84
ID Ternate 0.79 127.38; Ambon -3.7 128.18; Sorong -0.88 131.25; Jayapura -2.53 140.72; Merauke -8.5 140.4
TL Dili -8.56 125.57; Baucau -8.47 126.46; Maliana -8.99 125.22; Suai -9.31 125.26; Oecusse -9.2 124.36
MY Kuala Lumpur 3.14 101.69; Penang 5.41 100.33; Alor Setar 6.12 100.37; Kota Bharu 6.13 102.24; Ipoh 4.6 101.08
MY Johor Bahru 1.49 103.74; Kuantan 3.81 103.33; Kuching 1.55 110.34; Sibu 2.29 111.83; Miri 4.4 113.99; Kota Kinabalu 5.98 116.07
MY Sandakan 5.84 118.12; Tawau 4.24 117.89; Limbang 4.75 115.01
SG Singapore 1.35 103.82
BN Bandar Seri Begawan 4.9 114.94; Kuala Belait 4.58 114.23; Bangar 4.71 115.07
TH Bangkok 13.75 100.5; Chiang Mai 18.79 98.98; Chiang Rai 19.91 99.83; Mae Sai 20.43 99.88; Mae Sot 16.71 98.57; Tak 16.88 99.13
TH Ranong 9.97 98.63; Kanchanaburi 14.02 99.53; Phuket 7.88 98.39; Hat Yai 7.01 100.47; Su-ngai Kolok 6.03 101.97; Betong 5.77 101.07
TH Nakhon Ratchasima 14.97 102.1; Aranyaprathet 13.69 102.5; Surin 14.88 103.49; Trat 12.24 102.51; Ubon Ratchathani 15.24 104.86
TH Mukdahan 16.54 104.72; Nakhon Phanom 17.41 104.78; Udon Thani 17.41 102.79; Nong Khai 17.88 102.74; Chiang Khong 20.26 100.4
TH Loei 17.49 101.72; Nan 18.78 100.77; Surat Thani 9.14 99.33; Phitsanulok 16.82 100.26; Bueng Kan 18.36 103.65
LA Vientiane 17.97 102.63; Luang Prabang 19.88 102.14; Huay Xai 20.28 100.43; Luang Namtha 20.96 101.4; Savannakhet 16.56 104.75
LA Thakhek 17.4 104.82; Pakse 15.12 105.8; Phonsavan 19.45 103.2; Paksan 18.37 103.66; Sainyabuli 19.26 101.71; Phongsali 21.68 102.1
KH Phnom Penh 11.56 104.92; Siem Reap 13.36 103.86; Battambang 13.1 103.2; Poipet 13.65 102.58; Koh Kong 11.62 102.98
KH Sihanoukville 10.63 103.52; Stung Treng 13.53 105.97; Samraong 14.18 103.52; Pailin 12.85 102.61; Kratie 12.49 106.02
VN Hanoi 21.03 105.85; Hai Phong 20.86 106.68; Vinh 18.68 105.68; Hue 16.46 107.59; Da Nang 16.07 108.22; Ho Chi Minh City 10.78 106.7
VN Can Tho 10.04 105.75; Da Lat 11.94 108.44; Lao Cai 22.48 103.97; Lang Son 21.85 106.76; Dien Bien Phu 21.39 103.02
MM Yangon 16.84 96.17; Mandalay 21.96 96.09; Naypyidaw 19.76 96.08; Tachileik 20.45 99.88; Myawaddy 16.69 98.5; Mawlamyine 16.48 97.63
MM Dawei 14.08 98.19; Kawthaung 9.98 98.55; Kengtung 21.29 99.6; Sittwe 20.15 92.9; Myitkyina 25.38 97.4; Muse 23.99 97.9
PH Manila 14.6 120.98; Baguio 16.41 120.6; Cebu 10.32 123.89; Davao 7.07 125.61; Zamboanga 6.91 122.07; Puerto Princesa 9.74 118.74
PH Bongao 5.03 119.77; Iloilo 10.72 122.56; Tuguegarao 17.61 121.73
CN Nanning 22.82 108.32; Pingxiang 22.1 106.76; Kunming 25.04 102.71; Jinghong 22.0 100.8; Guangzhou 23.13 113.26; Shenzhen 22.6 114.06
CN Zhuhai 22.3 113.5; Haikou 20.04 110.34; Sanya 18.25 109.5; Guiyang 26.65 106.63; Chengdu 30.66 104.07; Chongqing 29.56 106.55
CN Changsha 28.23 112.94; Wuhan 30.59 114.3; Fuzhou 26.07 119.3; Shanghai 31.23 121.47; Nanjing 32.06 118.8; Xi'an 34.34 108.94
CN Beijing 39.9 116.4; Jinan 36.65 117.1; Shenyang 41.8 123.43; Harbin 45.8 126.53; Lanzhou 36.06 103.83; Lhasa 29.65 91.1
CN Urumqi 43.83 87.62; Kashgar 39.47 75.99; Hohhot 40.84 111.75; Nanchang 28.68 115.86; Hangzhou 30.27 120.15; Zhengzhou 34.75 113.62
HK Hong Kong 22.32 114.17; Yuen Long 22.44 114.03
MO Macau 22.19 113.54
TW Taipei 25.03 121.56; Kaohsiung 22.63 120.3
JP Tokyo 35.68 139.69; Osaka 34.69 135.5; Fukuoka 33.59 130.4; Sapporo 43.06 141.35; Naha 26.21 127.68
KR Seoul 37.57 126.98; Busan 35.18 129.08
KP Pyongyang 39.04 125.76
MN Ulaanbaatar 47.92 106.92
IN Delhi 28.61 77.21; Mumbai 19.08 72.88; Kolkata 22.57 88.36; Chennai 13.08 80.27; Bengaluru 12.97 77.59; Hyderabad 17.39 78.49
IN Guwahati 26.14 91.74; Imphal 24.82 93.94; Aizawl 23.73 92.72; Port Blair 11.62 92.73; Ahmedabad 23.02 72.57; Jaipur 26.91 75.79
IN Nagpur 21.15 79.09; Patna 25.59 85.14; Lucknow 26.85 80.95; Srinagar 34.08 74.8; Bhubaneswar 20.3 85.82; Kochi 9.93 76.27
BD Dhaka 23.81 90.41; Chittagong 22.36 91.78; Cox's Bazar 21.43 92.01
LK Colombo 6.93 79.86; NP Kathmandu 27.72 85.32; BT Thimphu 27.47 89.64; MV Male 4.18 73.51
PK Karachi 24.86 67.0; Lahore 31.55 74.34; Islamabad 33.68 73.05; Quetta 30.18 67.0
AU Darwin -12.46 130.84; Perth -31.95 115.86; Sydney -33.87 151.21; Melbourne -37.81 144.96; Brisbane -27.47 153.03; Adelaide -34.93 138.6
AU Cairns -16.92 145.77; Alice Springs -23.7 133.88; Hobart -42.88 147.33
PG Port Moresby -9.44 147.18; Vanimo -2.68 141.3; Lae -6.72 146.99; NZ Auckland -36.85 174.76; Wellington -41.29 174.78
NZ Christchurch -43.53 172.64; FJ Suva -18.14 178.44; SB Honiara -9.43 159.95; NC Noumea -22.26 166.46; PW Koror 7.34 134.48
GB London 51.51 -0.13; Birmingham 52.48 -1.9; Manchester 53.48 -2.24; Edinburgh 55.95 -3.19; Cardiff 51.48 -3.18; Dover 51.13 1.31
IE Dublin 53.35 -6.26; Cork 51.9 -8.47; Galway 53.27 -9.05; MT Valletta 35.9 14.51; CY Nicosia 35.17 33.36
FR Paris 48.86 2.35; Calais 50.95 1.86; Lyon 45.76 4.84; Marseille 43.3 5.37; Brest 48.39 -4.49; Toulouse 43.6 1.44; BE Brussels 50.85 4.35
DE Berlin 52.52 13.4; Hamburg 53.55 9.99; Munich 48.14 11.58; Cologne 50.94 6.96; Frankfurt 50.11 8.68; NL Amsterdam 52.37 4.9
ES Madrid 40.42 -3.7; Barcelona 41.39 2.17; Seville 37.39 -5.98; PT Lisbon 38.72 -9.14; IT Rome 41.9 12.5; Milan 45.46 9.19
IT Palermo 38.12 13.36; CH Zurich 47.38 8.54; AT Vienna 48.21 16.37; PL Warsaw 52.23 21.01; CZ Prague 50.08 14.44; HU Budapest 47.5 19.04
RO Bucharest 44.43 26.1; GR Athens 37.98 23.73; SE Stockholm 59.33 18.07; NO Oslo 59.91 10.75; DK Copenhagen 55.68 12.57
FI Helsinki 60.17 24.94; UA Kyiv 50.45 30.52; RU Moscow 55.76 37.62; Yekaterinburg 56.84 60.6; Novosibirsk 55.03 82.92; Vladivostok 43.12 131.89
TR Istanbul 41.01 28.98; Ankara 39.93 32.86; Antalya 36.9 30.7; SA Riyadh 24.71 46.68; Jeddah 21.49 39.19; AE Dubai 25.2 55.27
IR Tehran 35.69 51.39; Zahedan 29.5 60.86; IQ Baghdad 33.31 44.37; IL Tel Aviv 32.09 34.78; LB Beirut 33.89 35.5; AF Kabul 34.56 69.21
UZ Tashkent 41.3 69.24; KZ Almaty 43.24 76.89; Astana 51.17 71.43; KG Bishkek 42.87 74.59; OM Muscat 23.59 58.41
EG Cairo 30.04 31.24; LY Tripoli 32.89 13.19; DZ Algiers 36.75 3.06; MA Casablanca 33.57 -7.59; SN Dakar 14.72 -17.47; NG Lagos 6.52 3.38
NG Abuja 9.06 7.5; GH Accra 5.6 -0.19; CI Abidjan 5.36 -4.01; CM Douala 4.05 9.7; CD Kinshasa -4.32 15.31; Lubumbashi -11.66 27.48
CD Goma -1.68 29.22; RW Kigali -1.94 30.06; BI Bujumbura -3.36 29.36; UG Kampala 0.35 32.58; KE Nairobi -1.29 36.82; Mombasa -4.04 39.67
TZ Dar es Salaam -6.79 39.21; Mwanza -2.52 32.9; ET Addis Ababa 9.03 38.74; SD Khartoum 15.5 32.56; SO Mogadishu 2.05 45.32
ZM Lusaka -15.39 28.32; ZW Harare -17.83 31.05; MW Lilongwe -13.96 33.79; MZ Maputo -25.97 32.57; Beira -19.84 34.84; Nampula -15.12 39.27
BW Gaborone -24.63 25.92; NA Windhoek -22.56 17.07; ZA Johannesburg -26.2 28.05; Cape Town -33.92 18.42; Durban -29.86 31.02; AO Luanda -8.84 13.29
SZ Mbabane -26.31 31.14; LS Maseru -29.31 27.48; MG Antananarivo -18.88 47.51; MU Port Louis -20.16 57.5; SC Victoria -4.62 55.45
US New York 40.71 -74.01; Chicago 41.88 -87.63; Los Angeles 34.05 -118.24; Houston 29.76 -95.37; Miami 25.76 -80.19; Seattle 47.61 -122.33
US Denver 39.74 -104.99; Honolulu 21.31 -157.86; Anchorage 61.22 -149.9; Atlanta 33.75 -84.39; CA Toronto 43.65 -79.38; Vancouver 49.28 -123.12
CA Winnipeg 49.9 -97.14; Montreal 45.5 -73.57; MX Mexico City 19.43 -99.13; Monterrey 25.69 -100.32; GT Guatemala 14.63 -90.51; PA Panama 8.98 -79.52
CU Havana 23.11 -82.37; DO Santo Domingo 18.49 -69.93; JM Kingston 17.97 -76.79; BS Nassau 25.05 -77.36; BB Bridgetown 13.1 -59.61
TT Port of Spain 10.65 -61.51; GY Georgetown 6.8 -58.16; SR Paramaribo 5.87 -55.17; GF Cayenne 4.92 -52.31; VE Caracas 10.48 -66.9
CO Bogota 4.71 -74.07; EC Quito -0.18 -78.47; PE Lima -12.05 -77.04; BO La Paz -16.49 -68.12; CL Santiago -33.45 -70.67
AR Buenos Aires -34.6 -58.38; UY Montevideo -34.9 -56.16; PY Asuncion -25.26 -57.58; BR Sao Paulo -23.55 -46.63; Rio de Janeiro -22.91 -43.17
BR Brasilia -15.79 -47.88; Manaus -3.12 -60.02; Recife -8.05 -34.88; Belem -1.46 -48.5; Porto Alegre -30.03 -51.22
"""


@dataclass(frozen=True)
class Country:
    """Where an extract lies: ISO code, the nearest town and how far that is [km]."""

    code: str
    town: str
    distance_km: float

    @property
    def side(self) -> str:
        """Where people drive: left or right."""
        return "left" if self.code in LEFT else "right"


def towns() -> list[tuple[str, str, float, float]]:
    """Return the table: country, name, latitude, longitude."""
    found = []
    for line in _TOWNS.strip().splitlines():
        code = line[:2]
        for entry in line.split(";"):
            words = entry.split()
            if len(words[0]) == 2 and words[0].isupper():
                code, words = words[0], words[1:]
            found.append((code, " ".join(words[:-2]), float(words[-2]), float(words[-1])))
    return found


def country_of(lat: float, lon: float) -> Country:
    """Find the country of a place by the nearest town of the table.

    Near a border this may be the neighbour, which is why an importer calls it a guess.
    """

    def distance(town: tuple[str, str, float, float]) -> float:
        _, _, y, x = town
        aside = ((x - lon + 180) % 360 - 180) * math.cos(math.radians((lat + y) / 2))
        return math.hypot(y - lat, aside) * 111.2

    nearest = min(towns(), key=distance)
    return Country(nearest[0], nearest[1], distance(nearest))
