"""What connectivity's rooms find about heights, tables, villages and plans, in the person's language."""

from __future__ import annotations

from lumbung.proving.text import Text
from lumbung.web.sentences import Sentences

_TABLES = (
    Text("is empty", "kosong", "为空"),
    Text(
        "found the columns {found}; expected also {wanted}",
        "kolom yang ada: {found}; masih diperlukan {wanted}",
        "现有列：{found}；还需要 {wanted}",
    ),
    Text("latitude: one of {names}", "latitude: salah satu dari {names}", "latitude：以下之一 {names}"),
    Text("longitude: one of {names}", "longitude: salah satu dari {names}", "longitude：以下之一 {names}"),
    Text("id: one of {names}", "id: salah satu dari {names}", "id：以下之一 {names}"),
    Text(
        "{cells} cells under {headings} headings; put what holds {marks} of its own in quotes",
        "{cells} sel di bawah {headings} judul kolom; beri tanda kutip pada isi yang memuat {marks}",
        "{headings} 个列标题下有 {cells} 个单元格；内容本身含{marks}的，请加引号",
    ),
    Text("commas", "koma", "逗号"),
    Text("semicolons", "titik koma", "分号"),
    Text("tabs", "tab", "制表符"),
    Text("bars", "garis tegak", "竖线"),
    Text("columns separated by {marks}", "kolom dipisahkan oleh {marks}", "各列以{marks}分隔"),
    Text(
        "headings found in line {line}; what stands above is not read",
        "judul kolom ditemukan di baris {line}; yang di atasnya tidak dibaca",
        "列标题在第 {line} 行；其上内容不读取",
    ),
    Text("columns not used: {columns}", "kolom yang tidak dipakai: {columns}", "未使用的列：{columns}"),
    Text(
        "cannot be read as a UTF-8 table ({error}); save it as CSV UTF-8",
        "tidak dapat dibaca sebagai tabel UTF-8 ({error}); simpan sebagai CSV UTF-8",
        "无法按 UTF-8 表格读取（{error}）；请另存为 CSV UTF-8",
    ),
    Text(
        "cannot be read as a spreadsheet ({error}); save it as .xlsx anew",
        "tidak dapat dibaca sebagai lembar kerja ({error}); simpan ulang sebagai .xlsx",
        "无法按电子表格读取（{error}）；请重新另存为 .xlsx",
    ),
    Text(
        "cannot be split into cells ({error}); is a quotation mark left open there?",
        "tidak dapat dibagi menjadi sel ({error}); adakah tanda kutip yang belum ditutup?",
        "无法拆分成单元格（{error}）；那里是否有未闭合的引号？",
    ),
    Text(
        "{name} is {found}, which is {one} in some countries and {other} in others, and nothing in the table says which; give "
        "--decimal comma (1.250 is one thousand two hundred and fifty) or --decimal point",
        "{name} tertulis {found}: di sebagian negara berarti {one}, di negara lain {other}, dan tabel tidak menunjukkan yang mana; "
        "pilih cara penulisan angka (--decimal comma: 1.250 berarti seribu dua ratus lima puluh; atau --decimal point)",
        "{name} 写作 {found}：有的国家读作 {one}，有的读作 {other}，表中看不出是哪一种；请选定数字写法（--decimal comma：1.250 "
        "即一千二百五十；或 --decimal point）",
    ),
    Text(
        "{name} is {found}; expected a number, or groups of three digits",
        "{name} tertulis {found}; seharusnya angka, atau kelompok tiga digit",
        "{name} 为 {found}；应为数字，或三位一组的数字",
    ),
    Text(
        "{name} is {found}; expected a number with a decimal {mark}",
        "{name} tertulis {found}; seharusnya angka dengan {mark} desimal",
        "{name} 为 {found}；应为以{mark}作小数点的数字",
    ),
    Text("point", "titik", "点"),
    Text("comma", "koma", "逗号"),
    Text(
        "{name} is {found}; expected a number in decimal degrees, e.g. -8.5",
        "{name} tertulis {found}; seharusnya angka dalam derajat desimal, mis. -8.5",
        "{name} 为 {found}；应为十进制度数，如 -8.5",
    ),
    Text(
        "{name} is {found}; expected one number in decimal degrees, e.g. -8.5",
        "{name} tertulis {found}; seharusnya satu angka dalam derajat desimal, mis. -8.5",
        "{name} 为 {found}；应为一个十进制度数，如 -8.5",
    ),
    Text(
        "{what} in decimal degrees, e.g. -8.5",
        "{what} dalam derajat desimal, mis. -8.5",
        "{what}，以十进制度数表示，如 -8.5",
    ),
    Text(
        "{name} is {found}; expected one number",
        "{name} tertulis {found}; seharusnya satu angka",
        "{name} 为 {found}；应为一个数字",
    ),
    Text(
        "{name} is {found}; expected a number",
        "{name} tertulis {found}; seharusnya angka",
        "{name} 为 {found}；应为数字",
    ),
    Text(
        "latitude {latitude}, longitude {longitude} look like metres of a projection such as UTM; convert them to degrees",
        "latitude {latitude}, longitude {longitude} tampaknya meter dari suatu proyeksi seperti UTM; ubah menjadi derajat",
        "latitude {latitude}、longitude {longitude} 像是 UTM 之类投影的米数；请换算成度",
    ),
    Text(
        "latitude and longitude look swapped",
        "latitude dan longitude tampaknya tertukar",
        "latitude 与 longitude 似乎颠倒了",
    ),
    Text(
        "latitude {latitude} is outside -90 to 90 degrees",
        "latitude {latitude} di luar -90 sampai 90 derajat",
        "latitude {latitude} 超出 -90 到 90 度",
    ),
    Text(
        "longitude {longitude} is outside -180 to 180 degrees",
        "longitude {longitude} di luar -180 sampai 180 derajat",
        "longitude {longitude} 超出 -180 到 180 度",
    ),
    Text("id is empty", "id kosong", "id 为空"),
    Text("no such file", "berkas tidak ada", "没有这个文件"),
    Text("cannot be read ({error})", "tidak dapat dibaca ({error})", "无法读取（{error}）"),
)
_TOWERS = (
    Text(
        "no antenna is named: every row with a bearing is taken for one sector looking there",
        "tidak ada antena yang disebut: setiap baris yang punya arah dianggap satu sektor ke arah itu",
        "未写明天线：凡有方位角的行，都当作朝该方向的一个扇区",
    ),
    Text(
        "has no column of heights: antennas taken to stand {height} m above ground",
        "tidak punya kolom tinggi: antena dianggap berada {height} m di atas tanah",
        "没有高度列：天线按离地 {height} 米计",
    ),
    Text("holds no tower", "tidak memuat satu pun menara", "不含任何铁塔"),
    Text(
        "{antenna}, {gain} dBi; its electrical tilt is in its pattern, downtilt_deg is the mast's",
        "{antenna}, {gain} dBi; kemiringan listriknya sudah ada dalam polanya, downtilt_deg adalah kemiringan di tiang",
        "{antenna}，{gain} dBi；电下倾已含在方向图中，downtilt_deg 为机械下倾",
    ),
    Text(
        "{other} is {found}, {name} {value}; expected {low} to {high}",
        "{other} tertulis {found}, yaitu {name} {value}; seharusnya {low} sampai {high}",
        "{other} 为 {found}，即 {name} {value}；应为 {low} 到 {high}",
    ),
    Text(
        "tilt is {tilt}: some write a beam turned down so, others one turned up; call the column downtilt_deg and write down as positive",
        "tilt tertulis {tilt}: sebagian orang menulis berkas ke bawah begitu, sebagian lagi ke atas; beri nama kolom downtilt_deg dan tulis "
        "kemiringan ke bawah sebagai bilangan positif",
        "tilt 为 {tilt}：有人以此表示波束下倾，有人表示上仰；请把该列命名为 downtilt_deg，下倾写正值",
    ),
    Text(
        "antenna is {kind}; expected one of {kinds}, or an .msi or .pln file",
        "antenna tertulis {kind}; seharusnya salah satu dari {kinds}, atau berkas .msi atau .pln",
        "antenna 为 {kind}；应为 {kinds} 之一，或 .msi、.pln 文件",
    ),
    Text(
        "power is {power}, in dBm or in watts? Call the column power_dbm or power_w",
        "power tertulis {power}, dalam dBm atau watt? Beri nama kolom power_dbm atau power_w",
        "power 为 {power}，单位是 dBm 还是瓦？请把该列命名为 power_dbm 或 power_w",
    ),
    Text(
        "power and eirp_dbm are both given; keep one, or the antenna's gain counts twice",
        "power dan eirp_dbm keduanya diisi; sisakan satu, karena kalau tidak gain antena terhitung dua kali",
        "power 与 eirp_dbm 同时给出；请只留一个，否则天线增益会计两次",
    ),
    Text(
        "technology is {technology}; expected lte or nr",
        "technology tertulis {technology}; seharusnya lte atau nr",
        "technology 为 {technology}；应为 lte 或 nr",
    ),
    Text(
        "id {id} is used for two places ({one} m and {other} m); give each tower its own id",
        "id {id} dipakai untuk dua tempat ({one} m dan {other} m); beri setiap menara id sendiri",
        "id {id} 用于两个地点（{one} 米与 {other} 米）；请给每座铁塔各自的 id",
    ),
    Text(
        "id {id} sends in two ways (frequency, bandwidth, power or technology differ between its rows); give the antennas of each carrier "
        "an id of their own",
        "id {id} memancar dengan dua cara (frekuensi, lebar pita, daya, atau teknologi berbeda antarbaris); beri antena tiap pembawa id sendiri",
        "id {id} 有两种发射方式（各行的频率、带宽、功率或制式不同）；请给每个载波的天线各自的 id",
    ),
    Text(
        "repeats an antenna that id {id} has already; delete the row",
        "mengulang antena yang sudah dimiliki id {id}; hapus baris ini",
        "重复了 id {id} 已有的天线；请删去此行",
    ),
    Text("no sites given", "tidak ada menara yang diberikan", "未给出任何站点"),
    Text("the id occurs twice", "id ini muncul dua kali", "该 id 出现两次"),
    Text(
        "antenna height {height} m; expected 1 to 3000 m above ground",
        "tinggi antena {height} m; seharusnya 1 sampai 3000 m di atas tanah",
        "天线高 {height} 米；应为离地 1 到 3000 米",
    ),
    Text(
        "{place} lies outside the terrain {bounds}",
        "{place} berada di luar data ketinggian {bounds}",
        "{place} 位于高程数据之外 {bounds}",
    ),
    Text("stands on ground of unknown height", "berdiri di tanah yang ketinggiannya tidak diketahui", "所在地面的高程未知"),
    Text("and {count} more", "dan {count} lagi", "以及另外 {count} 个"),
    Text(
        "on the sea in this terrain stand {names} and {count} more: are their positions right?",
        "menurut data ketinggian ini, {names} dan {count} lagi berdiri di laut: apakah letaknya benar?",
        "按此高程数据，{names} 以及另外 {count} 个位于海上：位置是否正确？",
    ),
    Text(
        "on the sea in this terrain stand {names}: are their positions right?",
        "menurut data ketinggian ini, {names} berdiri di laut: apakah letaknya benar?",
        "按此高程数据，{names} 位于海上：位置是否正确？",
    ),
    Text(
        "part of the {radius} km reach lies beyond known ground and is not predicted: {names} and {count} more",
        "sebagian dari jangkauan {radius} km berada di luar tanah yang diketahui dan tidak diprediksi: {names} dan {count} lagi",
        "{radius} 公里范围中有一部分超出已知地面，未作预测：{names} 以及另外 {count} 个",
    ),
    Text(
        "part of the {radius} km reach lies beyond known ground and is not predicted: {names}",
        "sebagian dari jangkauan {radius} km berada di luar tanah yang diketahui dan tidak diprediksi: {names}",
        "{radius} 公里范围中有一部分超出已知地面，未作预测：{names}",
    ),
    Text("{name}.hgt and {count} more", "{name}.hgt dan {count} lagi", "{name}.hgt 以及另外 {count} 个"),
    Text("{name}.tif and {count} more", "{name}.tif dan {count} lagi", "{name}.tif 以及另外 {count} 个"),
    Text(
        "LTE has a subcarrier spacing of 15 kHz, not {spacing}",
        "LTE punya jarak subpembawa 15 kHz, bukan {spacing}",
        "LTE 的子载波间隔是 15 kHz，而不是 {spacing}",
    ),
    Text(
        "subcarrier spacing {spacing} kHz; below 6 GHz NR has 15 or 30 here",
        "jarak subpembawa {spacing} kHz; di bawah 6 GHz NR di sini punya 15 atau 30",
        "子载波间隔 {spacing} kHz；6 GHz 以下 NR 在此为 15 或 30",
    ),
    Text(
        "{technology} has no channel of {width} MHz at {spacing} kHz; expected one of {widths}",
        "{technology} tidak punya kanal {width} MHz pada {spacing} kHz; seharusnya salah satu dari {widths}",
        "{technology} 在 {spacing} kHz 下没有 {width} MHz 的信道；应为 {widths} 之一",
    ),
    Text(
        "technology is {technology}; expected 'lte' or 'nr'",
        "technology tertulis {technology}; seharusnya 'lte' atau 'nr'",
        "technology 为 {technology}；应为 'lte' 或 'nr'",
    ),
    Text("has no {key} cut; expected a line {key2} 360 and 360 lines below it", "tidak punya potongan {key}; seharusnya ada baris {key2} 360 dan 360 baris di bawahnya", "没有 {key} 切面；应有一行 {key2} 360 及其下 360 行"),
)  # fmt: skip
_VILLAGES = (
    Text(
        "has no column of people; expected one of {names} (or say how many people to assume in each)",
        "tidak punya kolom jumlah penduduk; seharusnya salah satu dari {names} (atau sebutkan berapa jiwa yang dianggap ada di setiap desa)",
        "没有人口列；应为 {names} 之一（或说明每个村庄按多少人计）",
    ),
    Text(
        "none of its {count} rows can be used; the first: {what}",
        "tidak satu pun dari {count} barisnya dapat dipakai; yang pertama: {what}",
        "其 {count} 行都不能用；第一处：{what}",
    ),
    Text("no row", "tidak ada baris", "没有任何行"),
    Text(
        "numbers read with decimal commas, 1.250 being one thousand two hundred and fifty",
        "angka dibaca dengan koma desimal; 1.250 berarti seribu dua ratus lima puluh",
        "数字按逗号作小数点读取，1.250 即一千二百五十",
    ),
    Text(
        "{count} rows repeat an earlier id; they are kept as separate places, marked #2, #3, ...",
        "{count} baris mengulang id sebelumnya; tetap dihitung sebagai tempat tersendiri, bertanda #2, #3, ...",
        "{count} 行重复了前面的 id；仍作为不同地点保留，标为 #2、#3……",
    ),
    Text(
        "{count} places have zero people; they are kept and count for nothing in people served",
        "{count} tempat berpenduduk nol; tetap disimpan dan tidak menambah jumlah penduduk terlayani",
        "{count} 处人口为零；予以保留，但不计入被覆盖人口",
    ),
    Text(
        "{count} places have a fraction of a person (the first: {people} in {place}); is the column in thousands, or written with another "
        "decimal mark (--decimal)?",
        "{count} tempat berpenduduk pecahan (yang pertama: {people} di {place}); apakah kolomnya dalam ribuan, atau ditulis dengan tanda "
        "desimal lain?",
        "{count} 处人口不是整数（第一处：{place} 为 {people}）；该列是否以千计，或用了另一种小数点？",
    ),
    Text(
        "people are written with three decimals (the first: {people}) and read without them; is the column in thousands?",
        "jumlah penduduk ditulis dengan tiga desimal (yang pertama: {people}) dan dibaca tanpa itu; apakah kolomnya dalam ribuan?",
        "人口写有三位小数（第一处：{people}），读取时略去；该列是否以千计？",
    ),
    Text("{count} rows set aside", "{count} baris disisihkan", "{count} 行被搁置"),
    Text(
        "no population column: {people} people assumed in each place",
        "tidak ada kolom penduduk: setiap tempat dianggap berpenduduk {people} jiwa",
        "没有人口列：每处按 {people} 人计",
    ),
    Text(
        "population {people} is negative", "jumlah penduduk {people} bernilai negatif", "人口 {people} 为负数"
    ),
    Text(
        "none of its {count} places lies within the terrain ({west} to {east} east, {south} to {north} north); they span {first} to {last} "
        "east, {low} to {high} north. Are latitude and longitude swapped?",
        "tidak satu pun dari {count} tempatnya berada dalam data ketinggian (bujur {west} sampai {east}, lintang {south} sampai {north}); "
        "tempat-tempat itu membentang dari bujur {first} sampai {last}, lintang {low} sampai {high}. Apakah lintang dan bujur tertukar?",
        "其 {count} 处无一在高程数据之内（东经 {west} 到 {east}，北纬 {south} 到 {north}）；它们位于东经 {first} 到 {last}、北纬 {low} 到 "
        "{high}。经纬度是否颠倒？",
    ),
    Text(
        "{count} places stand on the sea in this terrain and were moved to the nearest land",
        "{count} tempat berada di laut menurut data ketinggian ini dan dipindahkan ke daratan terdekat",
        "按此高程数据有 {count} 处位于海上，已移到最近的陆地",
    ),
    Text(
        "{count} places stand on the open sea and are predicted there",
        "{count} tempat berada di laut lepas dan diprediksi di sana",
        "{count} 处位于开阔海面，按所在处预测",
    ),
    Text(
        "{count} places lie outside the terrain and are not predicted",
        "{count} tempat berada di luar data ketinggian dan tidak diprediksi",
        "{count} 处位于高程数据之外，未作预测",
    ),
    Text(
        "{count} places lie on ground of unknown height and are not predicted",
        "{count} tempat berada di tanah yang ketinggiannya tidak diketahui dan tidak diprediksi",
        "{count} 处所在地面高程未知，未作预测",
    ),
)
_HEIGHTS = (
    Text(
        "no elevation file found in {where}; expected .hgt, .tif or Terrarium .png tiles",
        "tidak ada berkas ketinggian di {where}; seharusnya .hgt, .tif, atau ubin Terrarium .png",
        "{where} 中没有高程文件；应为 .hgt、.tif 或 Terrarium .png 瓦片",
    ),
    Text(
        "none of the {count} elevation files lies within the area asked for {bounds}",
        "tidak satu pun dari {count} berkas ketinggian berada di wilayah yang diminta {bounds}",
        "{count} 个高程文件无一在所求区域 {bounds} 内",
    ),
    Text(
        "the elevation covers {area}; the area asked for lies outside",
        "data ketinggian mencakup {area}; wilayah yang diminta berada di luarnya",
        "高程数据覆盖 {area}；所求区域在其外",
    ),
    Text(
        "{west} to {east} east and {south} to {north} north",
        "bujur {west} sampai {east} dan lintang {south} sampai {north}",
        "东经 {west} 到 {east}、北纬 {south} 到 {north}",
    ),
    Text("heights converted from feet", "ketinggian diubah dari kaki", "高程已由英尺换算"),
    Text(
        "{count} cells without a height taken for the sea, as asked",
        "{count} sel tanpa ketinggian dianggap laut, seperti diminta",
        "{count} 个无高程的单元按要求当作海面",
    ),
    Text(
        "not an elevation format read here; expected one of {kinds}",
        "bukan format ketinggian yang dibaca di sini; seharusnya salah satu dari {kinds}",
        "不是此处能读的高程格式；应为 {kinds} 之一",
    ),
    Text(
        "an SRTM tile is named after its south-west corner, e.g. S09E122.hgt",
        "ubin SRTM dinamai menurut sudut barat dayanya, mis. S09E122.hgt",
        "SRTM 瓦片以其西南角命名，如 S09E122.hgt",
    ),
    Text(
        "{count} samples; an SRTM tile has 1201 x 1201 (3 arc seconds) or 3601 x 3601 (1 arc second)",
        "{count} titik; ubin SRTM punya 1201 x 1201 (3 detik busur) atau 3601 x 3601 (1 detik busur)",
        "{count} 个采样点；SRTM 瓦片为 1201 x 1201（3 角秒）或 3601 x 3601（1 角秒）",
    ),
    Text(
        "holds {count} .hgt files; expected one",
        "memuat {count} berkas .hgt; seharusnya satu",
        "含 {count} 个 .hgt 文件；应为一个",
    ),
    Text(
        "brought from {system} to geographic coordinates",
        "diubah dari {system} ke koordinat geografis",
        "已由 {system} 转换为地理坐标",
    ),
    Text(
        "cannot be read as a raster ({error})",
        "tidak dapat dibaca sebagai raster ({error})",
        "无法按栅格读取（{error}）",
    ),
    Text(
        "says its heights are in {unit}; converted",
        "menyatakan ketinggiannya dalam {unit}; sudah diubah",
        "注明高程单位为 {unit}；已换算",
    ),
    Text("feet", "kaki", "英尺"),
    Text(
        "says its heights are in {unit}; expected one of {units}",
        "menyatakan ketinggiannya dalam {unit}; seharusnya salah satu dari {units}",
        "注明高程单位为 {unit}；应为 {units} 之一",
    ),
    Text(
        "has no coordinate system, so its cells could lie anywhere; declare it first, e.g. gdal_edit.py -a_srs EPSG:4326 FILE for longitudes "
        "and latitudes",
        "tidak punya sistem koordinat, sehingga selnya bisa berada di mana saja; nyatakan dulu, mis. gdal_edit.py -a_srs EPSG:4326 BERKAS untuk "
        "bujur dan lintang",
        "没有坐标系，其单元可能位于任何地方；请先声明，如经纬度用 gdal_edit.py -a_srs EPSG:4326 文件",
    ),
    Text(
        "its coordinate system {system} is neither geographic nor projected",
        "sistem koordinatnya {system} bukan geografis dan bukan proyeksi",
        "其坐标系 {system} 既非地理坐标也非投影坐标",
    ),
    Text(
        "its first band is {colour}: a picture of the ground, not heights; give the file that the picture was made of",
        "pita pertamanya {colour}: gambar tanah, bukan ketinggian; berikan berkas asal gambar itu",
        "其第一波段为 {colour}：这是地面的图片而不是高程；请给出制图所用的原文件",
    ),
    Text(
        "says its coordinates are degrees but spans {west} to {east} by {south} to {north}; the coordinate system declared in the file is wrong",
        "menyatakan koordinatnya derajat tetapi membentang {west} sampai {east} kali {south} sampai {north}; sistem koordinat yang dinyatakan "
        "di berkas salah",
        "注明坐标为度，却跨 {west} 到 {east}、{south} 到 {north}；文件中声明的坐标系有误",
    ),
    Text(
        "{cells} million cells; give the area of interest (at most {most} million)",
        "{cells} juta sel; berikan wilayah yang diperlukan saja (paling banyak {most} juta)",
        "{cells} 百万个单元；请只给出所关心的区域（至多 {most} 百万）",
    ),
    Text(
        "holds whole numbers from 0 to 255, a picture of the ground rather than its heights; expected an elevation model in metres",
        "memuat bilangan bulat 0 sampai 255, yaitu gambar tanah, bukan ketinggiannya; seharusnya model ketinggian dalam meter",
        "只含 0 到 255 的整数，是地面的图片而不是高程；应为以米计的高程模型",
    ),
    Text(
        "{count} bands: the first is taken for the heights",
        "{count} pita: yang pertama dianggap ketinggian",
        "{count} 个波段：以第一个为高程",
    ),
    Text(
        "a Terrarium tile lies at ZOOM/X/Y.png",
        "ubin Terrarium terletak di ZOOM/X/Y.png",
        "Terrarium 瓦片应位于 ZOOM/X/Y.png",
    ),
    Text(
        "Terrarium tiles of zooms {zooms} were given; give one zoom",
        "diberikan ubin Terrarium dengan zoom {zooms}; berikan satu zoom saja",
        "给出了缩放级别 {zooms} 的 Terrarium 瓦片；请只给一个级别",
    ),
    Text(
        "a Terrarium tile has 256 x 256 pixels in red, green and blue",
        "ubin Terrarium punya 256 x 256 piksel merah, hijau, dan biru",
        "Terrarium 瓦片为 256 x 256 像素，含红、绿、蓝",
    ),
    Text("sea floor raised to 0 m", "dasar laut dinaikkan menjadi 0 m", "海底已抬升到 0 米"),
    Text(
        "sea floor down to {depth} m raised to 0 m",
        "dasar laut sampai {depth} m dinaikkan menjadi 0 m",
        "低至 {depth} 米的海底已抬升到 0 米",
    ),
    Text(
        "the file's scale {scale} and offset {offset} applied",
        "skala {scale} dan ofset {offset} dari berkas diterapkan",
        "已应用文件中的比例 {scale} 与偏移 {offset}",
    ),
    Text(
        "{count} cells hold {values}, an undeclared void marker: taken as {kind} (gdal_edit.py -a_nodata declares it, or another where these "
        "are values)",
        "{count} sel berisi {values}, tanda kosong yang tidak dinyatakan: dianggap {kind} (gdal_edit.py -a_nodata menyatakannya, atau "
        "tanda lain bila itu memang nilai)",
        "{count} 个单元为 {values}，是未声明的空值标记：当作{kind}（用 gdal_edit.py -a_nodata 声明；若确为数值则声明别的标记）",
    ),
    Text("unknown", "tidak diketahui", "未知"),
    Text(
        "the raster has {rows} x {columns} cells; at least 3 x 3 are needed",
        "rasternya punya {rows} x {columns} sel; diperlukan paling sedikit 3 x 3",
        "栅格只有 {rows} x {columns} 个单元；至少需要 3 x 3",
    ),
    Text(
        "no cell has a height; is the void marker declared, and is this the right band?",
        "tidak satu sel pun punya ketinggian; apakah tanda kosong sudah dinyatakan, dan apakah pita ini benar?",
        "没有一个单元有高程；空值标记是否已声明？波段是否正确？",
    ),
    Text(
        "the highest cell is {height} m, above any mountain; if the heights are in feet say so (--height-unit feet), if it is a void marker "
        "declare it in the file",
        "sel tertinggi {height} m, di atas gunung mana pun; bila ketinggiannya dalam kaki, pilih kaki (--height-unit feet); bila itu tanda "
        "kosong, nyatakan dalam berkas",
        "最高单元为 {height} 米，高于任何山峰；若高程以英尺计请选英尺（--height-unit feet），若是空值标记请在文件中声明",
    ),
    Text(
        "{count} void cells filled from their rims",
        "{count} sel kosong diisi dari tepinya",
        "{count} 个空单元已由其边缘填补",
    ),
    Text(
        "{count} cells have no height; paths across them have no result and nobody there counts as served",
        "{count} sel tidak punya ketinggian; jalur yang melewatinya tidak punya hasil dan tidak seorang pun di sana dihitung terlayani",
        "{count} 个单元没有高程；经过它们的路径没有结果，那里的人不计为被覆盖",
    ),
    Text(
        "no land cover given: ground at or below sea level in one large piece is taken for the sea",
        "tutupan lahan tidak diberikan: tanah setinggi atau di bawah muka laut dalam satu bidang luas dianggap laut",
        "未给出土地覆盖：成大片的、不高于海平面的地面当作海",
    ),
    Text(
        "no land cover given: clutter height 0 m everywhere",
        "tutupan lahan tidak diberikan: tinggi penghalang 0 m di mana-mana",
        "未给出土地覆盖：各处地物高度按 0 米计",
    ),
    Text(
        "the ground, its forest and its coast are generated, not surveyed",
        "tanah, hutan, dan pantainya dibangkitkan, bukan hasil survei",
        "地面、森林与海岸均为生成数据，并非实测",
    ),
)
_PLANS = (
    Text(
        "id {id} stands in line {line} already; a plan could not say which of the two to build: give every candidate its own id (several "
        "heights go into one row, 30;45)",
        "id {id} sudah ada di baris {line}; rencana tidak dapat menyebut mana yang dibangun: beri setiap calon lokasi id sendiri (beberapa "
        "tinggi ditulis dalam satu baris, 30;45)",
        "id {id} 已出现在第 {line} 行；规划无法说明该建哪一个：请给每个候选站址各自的 id（多个高度写在同一行，如 30;45）",
    ),
    Text(
        "no row can be used; the first: {what}",
        "tidak satu baris pun dapat dipakai; yang pertama: {what}",
        "没有一行可用；第一处：{what}",
    ),
    Text("there is none", "tidak ada", "没有"),
    Text("holds no row", "tidak memuat satu baris pun", "不含任何行"),
    Text(
        "heights {heights}: expected 1 to 400 metres above ground",
        "heights {heights}: seharusnya 1 sampai 400 meter di atas tanah",
        "heights {heights}：应为离地 1 到 400 米",
    ),
    Text("cost of {item} is {found}; expected 0 or more", "biaya {item} tertulis {found}; seharusnya 0 atau lebih", "{item} 的费用为 {found}；应为 0 或更多"),
    Text(
        "the bound takes every site at the cheapest backhaul that a chain over other candidates could give it; how much of the gap such "
        "chains can really save is not settled",
        "batas itu menghitung setiap lokasi dengan backhaul termurah yang mungkin lewat rantai calon lokasi lain; berapa selisih yang benar-benar "
        "dapat dihemat rantai semacam itu belum dipastikan",
        "该上限按每个站址经其他候选站中继所能得到的最便宜回传计；这种中继究竟能省下多少差距，尚无定论",
    ),
    Text(
        "id {id} names a {one} and a {other}; give every place an id of its own",
        "id {id} menyebut {one} dan {other}; beri setiap tempat id sendiri",
        "id {id} 同时指{one}和{other}；请给每个地点各自的 id",
    ),
    Text("candidate", "calon lokasi", "候选站址"),
    Text("standing tower", "menara yang sudah berdiri", "现有铁塔"),
    Text("fibre point", "titik serat optik", "光纤接入点"),
    Text(
        "no cost is given: every site counts 1, and the budget is a number of sites",
        "biaya tidak diberikan: setiap lokasi dihitung 1, dan anggaran berarti jumlah lokasi",
        "未给出费用：每个站址计 1，预算即站址数",
    ),
    Text(
        "costs: {count} options cost nothing ({names}, …); a budget cannot weigh them: give the cost of tower, land, power, road or backhaul",
        "biaya: {count} pilihan tidak berbiaya ({names}, …); anggaran tidak dapat menimbangnya: berikan biaya tower, land, power, road, atau backhaul",
        "费用：{count} 个选项没有费用（{names}……）；预算无从权衡：请给出 tower、land、power、road 或 backhaul 的费用",
    ),
    Text(
        "budget: {budget} does not pay for a single site; the cheapest, {id}, costs {cost}",
        "anggaran: {budget} tidak cukup untuk satu lokasi pun; yang termurah, {id}, berbiaya {cost}",
        "预算：{budget} 不足以建任何一个站址；最便宜的 {id} 需要 {cost}",
    ),
    Text("budget: found {found}, expected more than 0", "anggaran: tertulis {found}, seharusnya lebih dari 0", "预算：实为 {found}，应大于 0"),
    Text("sites: found {found}, expected 1 or more", "lokasi: tertulis {found}, seharusnya 1 atau lebih", "站址数：实为 {found}，应为 1 或更多"),
    Text(
        "{reach}; no other candidate could take its place",
        "{reach}; tidak ada calon lokasi lain yang dapat menggantikannya",
        "{reach}；没有别的候选站址能取代它",
    ),
    Text(
        "{reach}; the best other candidate in its place, {id}, would reach {people} fewer",
        "{reach}; calon pengganti terbaik, {id}, menjangkau {people} jiwa lebih sedikit",
        "{reach}；若换成最好的另一候选站址 {id}，则少覆盖 {people} 人",
    ),
    Text(
        "{reach}; {id} in its place would reach as many",
        "{reach}; {id} di tempatnya menjangkau sama banyak",
        "{reach}；换成 {id} 也能覆盖同样多的人",
    ),
    Text(
        "reaches {people} people whom no standing tower reaches, {alone} of them by no other site of the plan",
        "menjangkau {people} jiwa yang tidak terjangkau menara yang sudah berdiri, {alone} di antaranya tidak oleh lokasi lain dalam rencana",
        "覆盖现有铁塔覆盖不到的 {people} 人，其中 {alone} 人是规划中其他站址都覆盖不到的",
    ),
    Text(
        "no candidate reaches it; the nearest, {id}, is {far} km away",
        "tidak ada calon lokasi yang menjangkaunya; yang terdekat, {id}, berjarak {far} km",
        "没有候选站址能覆盖它；最近的 {id} 相距 {far} 公里",
    ),
    Text(
        "{id} would reach it, but nobody is counted there",
        "{id} akan menjangkaunya, tetapi tidak ada penduduk yang tercatat di sana",
        "{id} 能覆盖它，但那里没有登记人口",
    ),
    Text(
        "{id} would reach it if built {height} m high",
        "{id} akan menjangkaunya bila dibangun setinggi {height} m",
        "{id} 若建到 {height} 米高即能覆盖它",
    ),
    Text(
        "{id} would reach it, adding {people} people; other sites add more for the same money",
        "{id} akan menjangkaunya dan menambah {people} jiwa; lokasi lain menambah lebih banyak dengan biaya yang sama",
        "{id} 能覆盖它，新增 {people} 人；同样的钱用于其他站址新增更多",
    ),
    Text("no fibre point or standing tower was given", "titik serat optik atau menara yang sudah berdiri tidak diberikan", "未给出光纤接入点或现有铁塔"),
    Text("a hop costs more than a satellite terminal", "satu lompatan lebih mahal daripada terminal satelit", "一跳微波比卫星终端更贵"),
    Text(
        "the ground on the way to {end} is not known",
        "tanah di jalur menuju {end} tidak diketahui",
        "通往 {end} 途中的地面未知",
    ),
    Text(
        "no line of sight to {end}, {length} km away: {free} of the first Fresnel radius is free, {needed} needed",
        "tidak ada garis pandang ke {end}, sejauh {length} km: {free} radius Fresnel pertama bebas, diperlukan {needed}",
        "与相距 {length} 公里的 {end} 不通视：第一菲涅耳半径的净空为 {free}，需要 {needed}",
    ),
    Text(
        "the nearest connected place, {id}, is {far} km away; hops reach {longest} km",
        "tempat terhubung terdekat, {id}, berjarak {far} km; satu lompatan menjangkau {longest} km",
        "最近的已接入地点 {id} 相距 {far} 公里；一跳可达 {longest} 公里",
    ),
    Text(
        "multipath takes more than the margin of {margin} dB from the {length} km to {end} at {frequency} GHz for {layers} % of the year, and rain "
        "for {rain} %; together {allowed} % are allowed",
        "lintasan ganda mengambil lebih dari margin {margin} dB pada {length} km ke {end} di {frequency} GHz selama {layers} % dari setahun, dan "
        "hujan selama {rain} %; bersama-sama hanya {allowed} % yang diperbolehkan",
        "到 {end} 的 {length} 公里、{frequency} GHz 上，多径一年中有 {layers} % 的时间超过 {margin} dB 余量，降雨 {rain} %；合计只允许 {allowed} %",
    ),
    Text(
        "rain of {rate} mm/h takes {fade} dB on the {length} km to {end} at {frequency} GHz for {share} % of the time; the margin is {margin} dB",
        "hujan {rate} mm/jam mengambil {fade} dB pada {length} km ke {end} di {frequency} GHz selama {share} % waktu; marginnya {margin} dB",
        "到 {end} 的 {length} 公里、{frequency} GHz 上，{rate} 毫米/时的降雨在 {share} % 的时间里衰减 {fade} dB；余量为 {margin} dB",
    ),
    Text("{name} is {found}; expected {low} to {high}", "{name} tertulis {found}; seharusnya {low} sampai {high}", "{name} 为 {found}；应为 {low} 到 {high}"),
)  # fmt: skip

CONNECTIVITY = Sentences((*_TABLES, *_TOWERS, *_VILLAGES, *_HEIGHTS, *_PLANS))
