"""Who and what the demonstration makes up. Written for it by the authors of Lumbung; nobody and nothing of it exists.

No native editor has reviewed Thai, Vietnamese, Filipino, Khmer, Lao and Burmese.
"""

from __future__ import annotations

from dataclasses import dataclass

from lumbung.proving.text import Text

# Every name says what it is, in whatever list it appears.
LABEL = "Demo"
ABOUT = (
    "Demonstration record: made up, no such organisation exists. · Catatan peragaan: rekaan, organisasi ini tidak ada. · "
    "演示记录：虚构，并无此机构。"
)


@dataclass(frozen=True)
class Said:
    """A need or an offer in an organisation's own language."""

    words: str
    language: str
    sector: str
    brings: tuple[str, ...] = ()
    challenge: str = ""


@dataclass(frozen=True)
class Made:
    """An organisation that is made up."""

    key: str
    name: str
    country: str
    kind: str
    size: str
    need: Said | None = None
    offer: Said | None = None


ORGANISATIONS = (
    Made(
        "dinas", f"{LABEL} Dinas Pertanian Sukamaju", "ID", "public", "medium",
        need=Said(
            "Kami mencari cara memberi tahu petani sawah tadah hujan kapan waktu tanam padi yang aman, lewat pesan "
            "singkat, untuk dua belas kecamatan.",
            "id", "farm", challenge="rice-window",
        ),
    ),
    Made(
        "lereng", f"{LABEL} Universitas Lereng", "ID", "university", "large",
        offer=Said(
            "Kami melatih dosen dan aparatur daerah menggunakan AI, dengan tes sebelum dan sesudah kelas.",
            "id", "talent", ("training",),
        ),
    ),
    Made(
        "sinyal", f"{LABEL} Sinyal Nusantara", "ID", "company", "small",
        offer=Said(
            "Kami mengatur ulang waktu sinyal lampu lalu lintas dengan max pressure dan melatih petugas dinas "
            "perhubungan; dipasang di tempat pemilik data.",
            "id", "city", ("on-premises", "training"),
        ),
    ),
    Made(
        "lukou", f"{LABEL} 邕江路口管理处", "CN", "public", "medium",
        need=Said(
            "寻求自适应交通信号控制方案，希望在十六个路口减少高峰时段的排队与延误，数据不出本市。",
            "zh", "city", challenge="resco",
        ),
    ),
    Made(
        "nongye", f"{LABEL} 邕江智慧农业", "CN", "company", "medium",
        offer=Said(
            "我们用历史气象与作物模型为村级提供水稻播种窗口建议，可通过短信发送给农户，也可本地部署。",
            "zh", "farm", ("on-premises",),
        ),
    ),
    Made(
        "guijiang", f"{LABEL} 桂江大学", "CN", "university", "large",
        offer=Said("为县级政务人员提供人工智能培训课程，课前课后均有测评。", "zh", "talent", ("training",)),
    ),
    Made(
        "songhong", f"{LABEL} Sông Hồng", "VN", "company", "small",
        offer=Said(
            "Chúng tôi phát triển phần mềm điều khiển đèn giao thông thích ứng, giảm thời gian chờ tại các giao lộ "
            "nhờ camera có sẵn.",
            "vi", "city",
        ),
    ),
    Made(
        "rimnam", f"{LABEL} มหาวิทยาลัยริมน้ำ", "TH", "university", "large",
        need=Said(
            "ต้องการพันธมิตรออกแบบเครือข่าย 4G ให้หมู่บ้านบนภูเขา 40 แห่ง โดยใช้ข้อมูลภูมิประเทศและงบประมาณจำกัด",
            "th", "connectivity", challenge="remote-villages",
        ),
    ),
    Made(
        "rimba", f"{LABEL} Menara Rimba", "MY", "company", "small",
        offer=Said(
            "Kami merancang tapak menara dan pautan gelombang mikro untuk kampung terpencil, lengkap dengan anggaran "
            "kos dan peta liputan.",
            "ms", "connectivity", ("data",),
        ),
    ),
    Made(
        "straits", f"{LABEL} Straits Compute", "SG", "company", "medium",
        offer=Said(
            "GPU hours for joint teams, with engineers who help to move a model onto them; data stays where its owner "
            "wants it.",
            "en", "compute", ("gpu",),
        ),
    ),
    Made(
        "bayan", f"{LABEL} Bayan ng Dalampasigan", "PH", "public", "small",
        need=Said(
            "Naghahanap kami ng sistemang nagbibigay ng maagang babala sa baha para sa mga barangay sa tabi ng ilog, na "
            "gumagana kahit mahina ang signal.",
            "fil", "disaster",
        ),
    ),
    Made(
        "sala", f"{LABEL} សាលាបច្ចេកវិទ្យា", "KH", "university", "medium",
        need=Said(
            "យើងស្វែងរកដៃគូបណ្តុះបណ្តាលគ្រូបង្រៀនចំនួនមួយរយនាក់ អំពីបញ្ញាសិប្បនិម្មិត ជាភាសាខ្មែរ។", "km", "talent",
        ),
    ),
    Made(
        "kafe", f"{LABEL} ສະຫະກອນກາເຟ", "LA", "other", "small",
        need=Said("ພວກເຮົາຊອກຫາວິທີກວດພະຍາດໃບກາເຟດ້ວຍໂທລະສັບ ສຳລັບຊາວສວນ 300 ຄອບຄົວ.", "lo", "farm"),
    ),
    Made(
        "ngamwe", f"{LABEL} ငါးမွေးမြူရေး", "MM", "company", "small",
        need=Said(
            "ကျွန်ုပ်တို့သည် ငါးမွေးကန် ရေအရည်အသွေးကို အလိုအလျောက် တိုင်းတာပေးမည့် စနစ်ကို ရှာဖွေနေပါသည်။", "my", "fisheries",
        ),
    ),
    Made(
        "pesisir", f"{LABEL} Pesisir Tenaga", "BN", "company", "micro",
        offer=Said(
            "Kami menyediakan pemantauan tenaga suria untuk bangunan awam, dengan ramalan beban harian.", "ms", "energy",
        ),
    ),
    Made(
        "link", f"{LABEL} Timor Coffee Link", "TL", "company", "micro",
        need=Said(
            "We look for route planning for coffee trucks on mountain roads in the wet season; it must work offline on a "
            "phone.",
            "en", "logistics",
        ),
    ),
)  # fmt: skip
# Who brings each shipped solution, in turn; the first of them is a joint team across the border.
COMPETE = ("sinyal", "songhong", "nongye", "rimba", "straits", "guijiang", "lereng", "rimnam")
JOINT = ("lereng", "guijiang")
SEASON = Text("Demo season", "Musim peragaan", "演示赛季")
TRACKS = {
    "city": Text("City", "Kota", "城市"),
    "farm": Text("Farm", "Pertanian", "农业"),
    "connectivity": Text("Connectivity", "Konektivitas", "网络连接"),
}
BENCH = Text("Demo GPU bench", "Bangku GPU peragaan", "演示用GPU算力台")
MEMORANDUM = Text(
    "Demo memorandum on a joint controller",
    "Nota kesepahaman peragaan tentang pengendali bersama",
    "演示谅解备忘录：联合信号控制",
)
PROMISES = (
    Text("Joint team founded", "Tim gabungan terbentuk", "组建联合团队"),
    Text("Pilot at two junctions", "Uji coba di dua simpang", "两个路口试点"),
    Text("Joint report", "Laporan bersama", "联合报告"),
)
PILOT = ("Uji coba di dua simpang · 两个路口试点", "Laporan bersama · 联合报告")
PROGRAMME = ("Demo: AI untuk aparatur daerah", "Program peragaan, rekaan.")
COHORT = "Angkatan peragaan"
TERMS = (
    "Demonstration: the solution runs at sixteen junctions for six months; the team keeps its rights; both sides publish the "
    "delay before and after."
)
REPORT = (
    "Demonstration report: two thirds of the hours trained the joint team's controller; the rest is booked."
)
