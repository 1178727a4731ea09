"""What the judging commands say, in the person's language."""

from __future__ import annotations

from lumbung.cli.language import language
from lumbung.proving.text import Text

WORDS = {
    "solutions": Text("{title}: {count} solutions", "{title}: {count} solusi", "{title}：{count} 个解决方案"),
    "portal": Text(
        "portal    {url}  (staff: {staff}, password: {password})",
        "portal    {url}  (staf: {staff}, kata sandi: {password})",
        "门户      {url}  （工作人员：{staff}，密码：{password}）",
    ),
    "part": Text(
        "part {number} of {count}: {what} ({took})",
        "bagian {number} dari {count}: {what} ({took})",
        "第 {number}/{count} 部分：{what}（{took}）",
    ),
    "part_centre": Text(
        "a centre, two nodes, the challenges", "pusat, dua simpul, dan tantangan", "中心、两个节点与赛题"
    ),
    "part_cast": Text(
        "organisations of twelve countries, needs, offers, teams, a season",
        "organisasi dari dua belas negara, kebutuhan, penawaran, tim, satu musim",
        "十二国机构、需求、供给、团队与赛季",
    ),
    "part_partners": Text(
        "a match with its introduction, a project, a facility with grants and bookings",
        "pasangan yang diperkenalkan, satu proyek, fasilitas dengan hibah dan pemesanan",
        "匹配与引荐、项目、设施的资助与预约",
    ),
    "part_talent": Text(
        "a programme, its learners at the test, badges",
        "satu program, pesertanya mengikuti tes, lencana",
        "培训项目、学员测验与徽章",
    ),
    "part_judged": Text("every solution judged", "semua solusi dinilai", "全部解决方案评测完毕"),
    "part_adopted": Text(
        "the best controller adopted, run on the owner's network and delivered",
        "pengendali terbaik diterapkan, dijalankan di jaringan pemilik, dan diserahkan",
        "最佳控制方案已采用，在发起方路网上运行并交付",
    ),
    "stays": Text(
        "the portal stays up; Ctrl-C ends it",
        "portal tetap terbuka; Ctrl-C mengakhirinya",
        "门户保持运行，按 Ctrl-C 结束",
    ),
    "left": Text(
        "evidence  {evidence}\nreport    {report}\ntook      {took}",
        "bukti     {evidence}\nlaporan   {report}\nlamanya   {took}",
        "评测凭证  {evidence}\n报告      {report}\n用时      {took}",
    ),
    "nodes": Text("the two nodes", "kedua simpul", "两个节点"),
    "rank": Text("rank", "peringkat", "名次"),
    "range": Text("range", "rentang", "名次区间"),
    "solution": Text("solution", "solusi", "解决方案"),
    "interval": Text("{percent} interval", "selang {percent}", "{percent} 置信区间"),
    "worst": Text("worst case", "kasus terburuk", "最差用例"),
    "not_ranked": Text(
        "not ranked: {name} ({reason})", "tanpa peringkat: {name} ({reason})", "未排名：{name}（{reason}）"
    ),
    "lower": Text("lower is better", "makin kecil makin baik", "数值越小越好"),
    "higher": Text("higher is better", "makin besar makin baik", "数值越大越好"),
    "share": Text(
        "{better}; solutions that share a rank cannot be told apart on these cases",
        "{better}; solusi yang berbagi peringkat tidak dapat dibedakan pada kasus uji ini",
        "{better}；名次相同的方案在这些用例上无法区分优劣",
    ),
    "judging": Text("judging", "menilai", "评测中"),
    "on": Text("{name} on {case}", "{name} pada {case}", "{name}：{case}"),
    "at": Text("{name} at {node}", "{name} di {node}", "{name}（{node}）"),
    "interrupted": Text(
        "interrupted; evidence of {done} finished cases is in {where}. The same command with --resume goes on from there.",
        "terhenti; bukti dari {done} kasus uji yang selesai ada di {where}. Perintah yang sama dengan --resume "
        "melanjutkannya dari sana.",
        "已中断；已完成的 {done} 个用例的评测凭证在 {where}。加上 --resume 再次运行同一命令即可继续。",
    ),
    "no_score": Text(
        "{name} has no score: {reason} (case {case})",
        "{name} tidak mendapat skor: {reason} (kasus uji {case})",
        "{name} 未获评分：{reason}（用例 {case}）",
    ),
    "log": Text("its log ends with:", "akhir lognya:", "日志末尾："),
    "scored": Text(
        "{name}: {metric} {mean}{interval}, {cases} cases ({better})",
        "{name}: {metric} {mean}{interval}, {cases} kasus uji ({better})",
        "{name}：{metric} {mean}{interval}，{cases} 个用例（{better}）",
    ),
    "few": Text(
        ", too few cases to tell how sure",
        ", kasus uji terlalu sedikit untuk mengetahui seberapa pasti",
        "，用例太少，无法判断有多可靠",
    ),
    "few_cases": Text("too few cases", "kasus terlalu sedikit", "用例太少"),
    "few_note": Text(
        "too few cases: they cannot tell how sure the mean is; an interval stands there only where the metric's own "
        "bounds hold it",
        "kasus terlalu sedikit: belum dapat diketahui seberapa pasti rata-ratanya; selang hanya ditampilkan bila dibatasi "
        "oleh batas metriknya sendiri",
        "用例太少：无法判断均值有多可靠；仅当指标自身有上下界时才给出区间",
    ),
    "within": Text(
        ", {percent} interval {low} to {high}",
        ", selang {percent} dari {low} hingga {high}",
        "，{percent} 置信区间 {low} 至 {high}",
    ),
    "placed": Text(
        "  rank {rank} of {count}", "  peringkat {rank} dari {count}", "  名次 {rank}，共 {count} 个"
    ),
    "placed_between": Text(
        "  rank {rank} of {count} (the evidence allows {low} to {high})",
        "  peringkat {rank} dari {count} (bukti memungkinkan {low} sampai {high})",
        "  名次 {rank}，共 {count} 个（凭证允许的区间为 {low} 至 {high}）",
    ),
    "placed_by": Text(
        "  your team is ranked by its better submission {name}: rank {rank} of {count}",
        "  peringkat tim Anda ditentukan oleh kirimannya yang lebih baik, {name}: peringkat {rank} dari {count}",
        "  贵团队以成绩更好的提交 {name} 排名：名次 {rank}，共 {count} 个",
    ),
    "not_placed": Text(
        "  not ranked yet: the leaderboard shows it once the standing is computed anew",
        "  belum berperingkat: papan peringkat menampilkannya setelah peringkat dihitung ulang",
        "  尚未排名：名次重新计算后将显示在排行榜上",
    ),
    "not_placed_because": Text(
        "  not ranked ({reason})", "  tanpa peringkat ({reason})", "  未排名（{reason}）"
    ),
    "embargo": Text(
        "  scored; scores of this phase stay hidden until {closes}",
        "  sudah dinilai; skor tahap ini dirahasiakan sampai {closes}",
        "  已评分；本阶段成绩在 {closes} 之前不公开",
    ),
    "embargo_open": Text(
        "  scored; scores of this phase stay hidden until it closes",
        "  sudah dinilai; skor tahap ini dirahasiakan sampai tahap ditutup",
        "  已评分；本阶段结束前成绩不公开",
    ),
    "ledger_challenge": Text("in all", "keseluruhan", "合计"),
    "ledger_organisation": Text("organisation", "organisasi", "机构"),
    "ledger_team": Text("team", "tim", "团队"),
    "ledger_person": Text("person", "orang", "个人"),
    "ledger_line": Text(
        "  {who} {bits} of {budget} bits told, {left} left; {results} results, {figures} with figures",
        "  {who} {bits} dari {budget} bit sudah keluar, sisa {left}; {results} hasil, {figures} dengan angka",
        "  {who} 已透露 {bits} / {budget} 比特，剩余 {left}；{results} 个结果，其中 {figures} 个含数值",
    ),
    "ledger_would": Text(
        "  {who}: costs {bits} of the {left} bits left",
        "  {who}: memakai {bits} dari sisa {left} bit",
        "  {who}：将用去剩余 {left} 比特中的 {bits} 比特",
    ),
    "ledger_figures": Text("Its figures leave.", "Angka-angkanya keluar dari simpul.", "其数值将离开节点。"),
    "ledger_no_improvement": Text(
        "Its figures stay here: no better than the team's best by more than chance may bring. That much is told.",
        "Angkanya tetap di sini: tidak lebih baik daripada hasil terbaik tim melebihi pengaruh kebetulan. Hanya itu yang "
        "disampaikan.",
        "其数值留在本节点：相比团队最好成绩，提升未超出偶然误差。对外只告知这一点。",
    ),
    "ledger_code": Text(
        "It failed: the fault's code leaves and nothing else.",
        "Proses gagal: hanya kode kesalahannya yang keluar.",
        "评测失败：只有错误代码离开节点。",
    ),
    "ledger_spent": Text(
        "Its figures stay here: the budget does not suffice ('lumbung node accept --budget' raises it). That much is told.",
        "Angkanya tetap di sini: anggaran tidak cukup (dinaikkan dengan 'lumbung node accept --budget'). Hanya itu yang "
        "disampaikan.",
        "其数值留在本节点：预算不足（可用 'lumbung node accept --budget' 提高）。对外只告知这一点。",
    ),
    "submission": Text("submission {token}: {runs}", "kiriman {token}: {runs}", "提交 {token}：{runs}"),
    "queued": Text("queued behind {ahead}", "antre, {ahead} di depan", "排队中，前面还有 {ahead} 个"),
    "running": Text(
        "running at {node}: case {done} of {total}",
        "dinilai di {node}: kasus uji {done} dari {total}",
        "评测中（{node}）：用例 {done}/{total}",
    ),
    "state_leased": Text("taken by a node", "diambil sebuah simpul", "已由节点领取"),
    "state_held": Text(
        "judged; waits for the word of the data's owner",
        "sudah dinilai; menunggu kata pemilik data",
        "已评测，等待数据所有者放行",
    ),
    "state_scored": Text("scored", "sudah dinilai", "已评分"),
    "state_faulted": Text("faulted: {reason}", "gagal: {reason}", "失败：{reason}"),
    "state_withdrawn": Text("withdrawn", "ditarik", "已撤回"),
    "worst_group": Text(
        "  worst group {group}: {value}", "  kelompok terburuk {group}: {value}", "  最差组 {group}：{value}"
    ),
    "worst_case": Text(
        "  worst case {case}: {value}", "  kasus terburuk {case}: {value}", "  最差用例 {case}：{value}"
    ),
    "isolation": Text(
        "isolation: {kind}, limits by {limits}",
        "isolasi: {kind}, batas oleh {limits}",
        "隔离：{kind}，资源限制：{limits}",
    ),
    "trusted": Text("isolation: none (--trust)", "isolasi: tidak ada (--trust)", "隔离：无（--trust）"),
    "evidence": Text("evidence: {path}", "bukti: {path}", "评测凭证：{path}"),
    "judged_by": Text(
        "  {judge} v{version}, {metric} ({better})",
        "  {judge} v{version}, {metric} ({better})",
        "  {judge} v{version}，{metric}（{better}）",
    ),
    "shipped": Text("  solutions: {names}", "  solusi: {names}", "  解决方案：{names}"),
    "bundle_edit": Text("changed: {edit}", "diubah: {edit}", "已更改：{edit}"),
    "next_judge_package": Text(
        "next: pip install -e {folder}, then: lumbung check {challenge}",
        "berikutnya: pip install -e {folder}, lalu: lumbung check {challenge}",
        "下一步：pip install -e {folder}，然后：lumbung check {challenge}",
    ),
    "proves_itself": Text(
        "{id}: {good} of {all} submissions got their verdict; judge, pictures, evidence and standing hold",
        "{id}: {good} dari {all} kiriman mendapat putusan yang seharusnya; penilai, gambar, bukti, dan peringkat sah",
        "{id}：{all} 份提交中有 {good} 份得到应有的判定；评测器、图形、评测凭证与排名均成立",
    ),
    "does_not_prove": Text(
        "{id}: {good} of {all} submissions got their verdict; not yet fit to be posed",
        "{id}: {good} dari {all} kiriman mendapat putusan yang seharusnya; belum layak diajukan",
        "{id}：{all} 份提交中有 {good} 份得到应有的判定；尚不宜发布",
    ),
    "no_token": Text(
        "no API token: make one on the centre's page 'My account', then set LUMBUNG_TOKEN",
        "tidak ada token API: buat di halaman 'Akun saya' di pusat, lalu isikan ke LUMBUNG_TOKEN",
        "没有 API 令牌：请在中心的“我的账户”页面创建，然后设置 LUMBUNG_TOKEN",
    ),
    "no_address": Text(
        "{centre!r} is no address of a centre; expected e.g. https://centre.example (--centre or LUMBUNG_CENTRE)",
        "{centre!r} bukan alamat pusat; seharusnya misalnya https://pusat.example (--centre atau LUMBUNG_CENTRE)",
        "{centre!r} 不是中心地址；应形如 https://centre.example（--centre 或 LUMBUNG_CENTRE）",
    ),
    "not_a_centre": Text(
        "{url} answers, but not as a centre does: is the address right, and is there no login page of the network before it?",
        "{url} menjawab, tetapi tidak seperti pusat: apakah alamatnya benar, dan tidak ada halaman masuk jaringan di depannya?",
        "{url} 有应答，但不是中心的应答：请检查地址是否正确，以及是否被网络的登录页面拦截",
    ),
    "no_centre": Text(
        "{centre}: {error}; is the centre up?",
        "{centre}: {error}; apakah pusat sedang berjalan?",
        "{centre}：{error}；中心是否在运行？",
    ),
    "refused": Text(
        "the centre answered {status}: {detail}",
        "pusat menjawab {status}: {detail}",
        "中心答复 {status}：{detail}",
    ),
    "would_send": Text(
        "{id} v{version}: {files} files, {size}; nothing was sent",
        "{id} v{version}: {files} berkas, {size}; tidak ada yang dikirim",
        "{id} v{version}：{files} 个文件，{size}；未发送任何内容",
    ),
    "posed_draft": Text(
        "{id} v{version} is at the centre as a draft: {files} files, {size}",
        "{id} v{version} sudah di pusat sebagai draf: {files} berkas, {size}",
        "{id} v{version} 已作为草稿存于中心：{files} 个文件，{size}",
    ),
    "posed_open": Text(
        "{id} v{version} is open at the centre: {files} files, {size}",
        "{id} v{version} sudah dibuka di pusat: {files} berkas, {size}",
        "{id} v{version} 已在中心开放：{files} 个文件，{size}",
    ),
    "posed_closed": Text(
        "{id} v{version} is closed at the centre: {files} files, {size}",
        "{id} v{version} sudah ditutup di pusat: {files} berkas, {size}",
        "{id} v{version} 在中心已关闭：{files} 个文件，{size}",
    ),
    "posed_other": Text(
        "the centre now holds {theirs}… and here lies {ours}…: was the folder changed meanwhile, or is the centre of another version?",
        "pusat kini menyimpan {theirs}… sedangkan di sini {ours}…: apakah folder diubah di tengah jalan, atau versi pusat berbeda?",
        "中心现存 {theirs}…，而本地为 {ours}…：文件夹是否在此期间被改动，或中心的版本不同？",
    ),
    "stays_home": Text(
        "stays here, since challenge.toml does not declare it: {names}",
        "tetap di sini karena tidak dinyatakan dalam challenge.toml: {names}",
        "以下内容未在 challenge.toml 中声明，留在本机：{names}",
    ),
    "open_it": Text(
        "next: read it on the portal as others will, then 'lumbung pose {challenge} --open' with the same options",
        "berikutnya: baca di portal seperti orang lain akan membacanya, lalu 'lumbung pose {challenge} --open' dengan opsi yang sama",
        "下一步：先在门户上以他人视角查看，再以相同选项运行 lumbung pose {challenge} --open",
    ),
    "no_port": Text(
        "nothing can be served at {host}, port {port}: {error}; name another with --port",
        "layanan tidak dapat dibuka di {host}, porta {port}: {error}; pilih yang lain dengan --port",
        "无法在 {host} 的端口 {port} 提供服务：{error}；请用 --port 另选一个",
    ),
    "desk_link": Text(
        "The desk is open; its data lie in {folder}.\nThis link lets one person in, once:\n\n    {address}\n\nCtrl-C closes it.",
        "Meja kerja terbuka; datanya ada di {folder}.\nTautan ini berlaku untuk satu orang, satu kali:\n\n    {address}\n\nCtrl-C menutupnya.",
        "工作台已打开；数据位于 {folder}。\n此链接仅供一人使用一次：\n\n    {address}\n\n按 Ctrl-C 关闭。",
    ),
    "desk_taken": Text(
        "another desk works in {folder}; close it first, or name another folder with LUMBUNG_HOME",
        "meja kerja lain memakai {folder}; tutup dahulu, atau tentukan folder lain dengan LUMBUNG_HOME",
        "另一个工作台正在使用 {folder}；请先将其关闭，或用 LUMBUNG_HOME 指定其他文件夹",
    ),
    "desk_both": Text(
        "--certificate and --key belong together; give both",
        "--certificate dan --key harus diberikan bersama",
        "--certificate 与 --key 须同时给出",
    ),
    "desk_needs_tls": Text(
        "{host} is open to others: give --certificate and --key, or --behind-proxy where a proxy speaks TLS",
        "{host} dapat dijangkau orang lain: berikan --certificate dan --key, atau --behind-proxy bila proksi memakai TLS",
        "{host}可被他人访问：请给出 --certificate 与 --key；若由代理负责 TLS，请用 --behind-proxy",
    ),
    "no_solutions": Text(
        "no solution for {challenge} is installed here; 'lumbung judge {challenge} FOLDER' judges one of your own",
        "tidak ada solusi untuk {challenge} yang terpasang di sini; 'lumbung judge {challenge} FOLDER' menilai solusi "
        "Anda sendiri",
        "本机未安装 {challenge} 的解决方案；可用 lumbung judge {challenge} 文件夹 评测您自己的方案",
    ),
    "no_starter": Text(
        "{challenge} names no starter: this one runs and prints what it is asked, and decides nothing yet",
        "{challenge} tidak menyediakan solusi awal: yang ini berjalan dan mencetak apa yang ditanyakan, tetapi belum "
        "memutuskan apa pun",
        "{challenge} 未提供起步方案：此方案可以运行并打印收到的问题，但尚不作任何决策",
    ),
    "next_judge": Text(
        "next: edit {path}, then: lumbung judge {challenge} {folder}",
        "berikutnya: sunting {path}, lalu: lumbung judge {challenge} {folder}",
        "下一步：编辑 {path}，然后运行：lumbung judge {challenge} {folder}",
    ),
    "no_challenges": Text(
        "no challenges are installed here; 'lumbung new challenge DIR' starts one",
        "belum ada tantangan di sini; 'lumbung new challenge FOLDER' memulainya",
        "此处尚未安装赛题；可用 lumbung new challenge 目录 新建一个",
    ),
}


def say(word: str, /, **params: object) -> str:
    """Return one of `WORDS` in the person's language, filled in."""
    return WORDS[word].in_language(language()).format(**params)
