"""What the city's rooms find about maps, counts, timetables and networks, in the person's language."""

from __future__ import annotations

from lumbung.proving.text import Text
from lumbung.web.sentences import Sentences

_FRAME = (
    Text(
        "found {found}, expected {expected}",
        "ditemukan {found}; seharusnya {expected}",
        "实际为 {found}；应为 {expected}",
    ),
)
_PLACES = (
    Text("hours", "jam", "时段"),
    Text("demand", "permintaan perjalanan", "出行需求"),
    Text("network", "jaringan", "路网"),
    Text("side", "sisi jalan", "行车侧"),
    Text("calendar", "kalender", "日历"),
    Text("location", "lokasi", "位置"),
    Text("package {name}", "paket {name}", "软件包 {name}"),
    Text("speed of way {way}", "kecepatan ruas {way}", "道路 {way} 的限速"),
    Text("lanes of way {way}", "lajur ruas {way}", "道路 {way} 的车道"),
    Text("sidewalks {what}", "trotoar {what}", "人行道 {what}"),
    Text("signal {node}", "sinyal {node}", "信号灯 {node}"),
    Text("plan {junction}", "rencana {junction}", "配时方案 {junction}"),
    Text("place {name}", "titik {name}", "观测点 {name}"),
)
_FOUND = (
    Text("no such file", "berkas tidak ada", "文件不存在"),
    Text("{file}, no such file", "{file}, berkas tidak ada", "{file}，文件不存在"),
    Text("no such table", "tabel tidak ada", "没有此表"),
    Text("no file", "tidak ada berkas", "没有文件"),
    Text("no text", "tidak ada teks", "没有文字"),
    Text("no net-file", "tanpa net-file", "没有 net-file"),
    Text("no route-files", "tanpa route-files", "没有 route-files"),
    Text("no result", "tidak ada hasil", "没有结果"),
    Text("not installed", "belum terpasang", "未安装"),
    Text("broken XML ({error})", "XML rusak ({error})", "XML 已损坏（{error}）"),
    Text("a file that includes itself", "berkas yang memuat dirinya sendiri", "包含自身的文件"),
    Text("begin {begin}, end {end}", "mulai {begin}, selesai {end}", "开始 {begin}，结束 {end}"),
    Text("nothing that SUMO reads", "tidak ada yang terbaca oleh SUMO", "没有 SUMO 可读取的内容"),
    Text(
        "no vehicle that departs from {begin} s to {end} s",
        "tidak ada kendaraan yang berangkat dari detik {begin} sampai {end}",
        "{begin} 至 {end} 秒之间没有车辆出发",
    ),
    Text("edge {edge}", "ruas {edge}", "路段 {edge}"),
    Text("street {there} after {here}", "jalan {there} setelah {here}", "道路 {here} 之后为 {there}"),
    Text("{count} SUMO configurations", "{count} konfigurasi SUMO", "{count} 个 SUMO 配置"),
    Text("root element {tag}", "elemen akar {tag}", "根元素 {tag}"),
    Text("no traffic signals", "tidak ada sinyal lalu lintas", "没有交通信号灯"),
    Text("a state of {count} letters", "keadaan dengan {count} huruf", "{count} 个字母的状态"),
    Text(
        "priority green (G) for links {one} and {two}, whose ways cross or join",
        "hijau utama (G) untuk jalur {one} dan {two}, yang lintasannya berpotongan atau bertemu",
        "连接 {one} 与 {two} 同为优先绿灯（G），而其行驶路径交叉或汇合",
    ),
    Text("no service on {day}", "tidak ada layanan pada {day}", "{day} 没有班次"),
    Text(
        "no column {column} among {columns}",
        "tidak ada kolom {column} di antara {columns}",
        "{columns} 中没有列 {column}",
    ),
    Text("no column {column}", "tidak ada kolom {column}", "没有列 {column}"),
    Text("no place among {columns}", "tidak ada lokasi di antara {columns}", "{columns} 中没有位置"),
    Text("lat {lat}, lon {lon}", "lat {lat}, lon {lon}", "lat 为 {lat}，lon 为 {lon}"),
    Text("headway {seconds}", "jarak waktu {seconds}", "发车间隔 {seconds}"),
    Text("no count in {rows} rows", "tidak ada cacahan dalam {rows} baris", "{rows} 行中没有流量"),
    Text("no workbook ({error})", "bukan buku kerja ({error})", "不是工作簿（{error}）"),
    Text("a file called {ending}", "berkas berakhiran {ending}", "后缀为 {ending} 的文件"),
    Text("no street for motor traffic", "tidak ada jalan untuk kendaraan bermotor", "没有机动车道路"),
    Text("no signal on this map", "tidak ada sinyal pada peta ini", "此地图上没有信号灯"),
    Text("no way through the map", "tidak ada jalan yang menembus peta", "地图上没有贯通的道路"),
    Text(
        "none of its {count} places on the map, the first is {first}",
        "tidak satu pun dari {count} titiknya ada di peta; yang pertama {first}",
        "其 {count} 个观测点均不在地图上，第一个为 {first}",
    ),
    Text("{path} outside {home}", "{path} di luar {home}", "{path} 在 {home} 之外"),
    Text("no plan that keeps the rules", "tidak ada rencana yang memenuhi aturan", "没有符合规则的配时方案"),
)
_EXPECTED = (
    Text("a readable file", "berkas yang terbaca", "可读取的文件"),
    Text("a SUMO file", "berkas SUMO", "SUMO 文件"),
    Text("includes that come to an end", "pemuatan yang berakhir", "有尽头的包含"),
    Text("a SUMO configuration (.sumocfg)", "konfigurasi SUMO (.sumocfg)", "SUMO 配置（.sumocfg）"),
    Text("exactly one .sumocfg", "tepat satu .sumocfg", "恰好一个 .sumocfg"),
    Text("a configuration that names a network", "konfigurasi yang menyebut jaringan", "指明路网的配置"),
    Text(
        "a configuration that names network and demand",
        "konfigurasi yang menyebut jaringan dan permintaan perjalanan",
        "指明路网与出行需求的配置",
    ),
    Text("an end later than the begin", "waktu selesai sesudah waktu mulai", "晚于开始的结束时间"),
    Text("seconds, HH:MM:SS or D:HH:MM:SS", "detik, HH:MM:SS atau D:HH:MM:SS", "秒、HH:MM:SS 或 D:HH:MM:SS"),
    Text("a SUMO that can read it", "SUMO yang dapat membacanya", "能读取它的 SUMO"),
    Text(
        "a demand for the hours simulated",
        "permintaan perjalanan untuk jam yang disimulasikan",
        "所仿真时段的出行需求",
    ),
    Text(
        "an edge of the network (does the demand belong to it?)",
        "ruas jaringan ini (apakah permintaannya memang untuk jaringan ini?)",
        "路网中的路段（该出行需求是否属于此路网？）",
    ),
    Text(
        "a street that continues from the one before",
        "jalan yang menyambung dari yang sebelumnya",
        "与前一条相接的道路",
    ),
    Text(
        "sha256 {digest} (reinstall the package the file came with)",
        "sha256 {digest} (pasang ulang paket asal berkas itu)",
        "sha256 {digest}（请重新安装该文件所属的软件包）",
    ),
    Text(
        "at least one SUMO demand file (.rou.xml)",
        "sedikitnya satu berkas permintaan SUMO (.rou.xml)",
        "至少一个 SUMO 需求文件（.rou.xml）",
    ),
    Text(
        "a SUMO network (.net.xml) or demand (.rou.xml)",
        "jaringan (.net.xml) atau permintaan (.rou.xml) SUMO",
        "SUMO 路网（.net.xml）或需求（.rou.xml）",
    ),
    Text(
        "a network with at least one signalised junction",
        "jaringan dengan sedikitnya satu persimpangan bersinyal",
        "至少有一个信号控制路口的路网",
    ),
    Text(
        "at least {count}, one for each link",
        "sedikitnya {count}, satu untuk tiap jalur",
        "至少 {count} 个，每条连接一个",
    ),
    Text(
        "g for the one that must give way, or red (the network's own <request foes>)",
        "g untuk yang harus memberi jalan, atau merah (<request foes> jaringan itu sendiri)",
        "须让行者为 g，或红灯（依路网自身的 <request foes>）",
    ),
    Text("left or right", "left (kiri) atau right (kanan)", "left（左）或 right（右）"),
    Text("yes or no", "ya atau tidak", "是或否"),
    Text(
        "a whole number from {low} to {high}",
        "bilangan bulat dari {low} sampai {high}",
        "{low} 至 {high} 的整数",
    ),
    Text("a whole number", "bilangan bulat", "整数"),
    Text("a map that makes a network", "peta yang dapat dijadikan jaringan", "能生成路网的地图"),
    Text(
        "a netconvert that runs (eclipse-sumo)",
        "netconvert yang dapat berjalan (eclipse-sumo)",
        "能运行的 netconvert（eclipse-sumo）",
    ),
    Text(
        "{count} greens in whole seconds, e.g. {example}; offset 0",
        "{count} waktu hijau dalam detik bulat, mis. {example}; offset 0",
        "{count} 个整秒绿灯时间，如 {example}; offset 0",
    ),
    Text("a day from {first} to {last}", "hari dari {first} sampai {last}", "{first} 至 {last} 之间的日期"),
    Text("a calendar", "kalender", "日历"),
    Text("a time as HH:MM:SS", "waktu seperti HH:MM:SS", "HH:MM:SS 形式的时间"),
    Text("a date as YYYYMMDD", "tanggal seperti YYYYMMDD", "YYYYMMDD 形式的日期"),
    Text(
        "a GTFS feed, a ZIP file or a folder",
        "data GTFS, berkas ZIP atau folder",
        "GTFS 数据，ZIP 文件或文件夹",
    ),
    Text(
        "two times and seconds from 10 on",
        "dua waktu, dan detik mulai dari 10",
        "两个时间，以及不少于 10 的秒数",
    ),
    Text(
        "07:00, 07:00:00, 2026-03-02 07:00, or seconds of the day",
        "07:00, 07:00:00, 2026-03-02 07:00, atau detik sejak tengah malam",
        "07:00、07:00:00、2026-03-02 07:00 或当日的秒数",
    ),
    Text(
        "rows with a place, a time and a number",
        "baris berisi titik, waktu, dan bilangan",
        "含位置、时间和数值的行",
    ),
    Text("a table of counts, CSV or XLSX", "tabel cacahan, CSV atau XLSX", "流量表，CSV 或 XLSX"),
    Text(
        "a column edge, or lat and lon (with heading)",
        "kolom edge, atau lat dan lon (dengan heading)",
        "edge 列，或 lat 与 lon 列（附 heading）",
    ),
    Text("an edge, or degrees", "ruas, atau derajat", "路段，或度数"),
    Text(
        "degrees clockwise from north, or N, NE, E, … of the traffic",
        "derajat searah jarum jam dari utara, atau N, NE, E, … arah lalu lintas",
        "车流自北顺时针的度数，或 N、NE、E 等方向",
    ),
    Text("an XLSX workbook", "buku kerja XLSX", "XLSX 工作簿"),
    Text("one of {names}", "salah satu dari {names}", "以下之一：{names}"),
    Text(
        "left, straight, right or around",
        "left, straight, right, atau around",
        "left、straight、right 或 around",
    ),
    Text("an OpenStreetMap extract", "cuplikan OpenStreetMap", "OpenStreetMap 数据片段"),
    Text("a whole OpenStreetMap file", "berkas OpenStreetMap yang utuh", "完整的 OpenStreetMap 文件"),
    Text(
        "an extract of a town, with its nodes",
        "cuplikan sebuah kota beserta titik-titiknya",
        "含节点的城镇地图片段",
    ),
    Text("a table saved as CSV in UTF-8", "tabel yang disimpan sebagai CSV UTF-8", "以 UTF-8 CSV 保存的表格"),
    Text("a model that SUMO runs", "model yang dapat dijalankan SUMO", "SUMO 能运行的模型"),
    Text(
        "a map with signals, or yes in column corrected at the crossings that have one: {file}",
        "peta dengan sinyal, atau ya di kolom corrected pada persimpangan yang bersinyal: {file}",
        "带信号灯的地图，或在有信号灯的路口将 corrected 列填为“是”：{file}",
    ),
    Text(
        "an extract with streets that lead through it",
        "cuplikan dengan jalan yang menembusnya",
        "有道路贯通的地图片段",
    ),
    Text(
        "edges of {edges}, points on the map, or corrections in {file}",
        "ruas dari {edges}, titik pada peta, atau koreksi di {file}",
        "{edges} 中的路段、地图上的点，或 {file} 中的更正",
    ),
    Text("an edge of approaches.csv", "ruas dari approaches.csv", "approaches.csv 中的路段"),
    Text("a network in UTM (+proj=utm)", "jaringan dalam UTM (+proj=utm)", "UTM 坐标的路网（+proj=utm）"),
    Text(
        "all that SUMO reads in one folder",
        "semua yang dibaca SUMO dalam satu folder",
        "SUMO 读取的全部内容在同一文件夹内",
    ),
    Text(
        "phases that can, or other rules",
        "fase yang dapat memenuhinya, atau aturan lain",
        "能符合的相位，或其他规则",
    ),
    Text(
        "{name} is not installed: {command}", "{name} belum terpasang: {command}", "{name} 未安装：{command}"
    ),
)
_NOTES = (
    Text(
        "step-length {step}: signals change at whole steps only",
        "step-length {step}: sinyal hanya berganti pada langkah utuh",
        "step-length {step}：信号只在整步切换",
    ),
    Text(
        "{option}: overridden ({instead})", "{option}: diganti ({instead})", "{option}：已被替换（{instead}）"
    ),
    Text("the run's own seed", "benih acak milik simulasi", "本次运行自身的随机种子"),
    Text(
        "off: who is stuck stays stuck, and counts",
        "mati: yang terjebak tetap terjebak, dan ikut dihitung",
        "关闭：受困者仍受困，并计入结果",
    ),
    Text("output overridden (off)", "keluaran dimatikan", "输出已关闭"),
    Text("not honoured", "tidak diikuti", "未采用"),
)
# Frames first: what they hold is looked up among the rest.
CITY = Sentences((*_FRAME, *_FOUND, *_EXPECTED, *_NOTES), places=_PLACES)
