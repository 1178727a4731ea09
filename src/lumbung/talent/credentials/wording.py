"""The sentences on a badge, in the three languages. Numbers come in through braces, already written for the language."""

from __future__ import annotations

from typing import Any

LANGUAGES = ("en", "id", "zh")
LEVELS = ("foundation", "practitioner", "specialist")

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "badge_description": "A measurement of capability in artificial intelligence, stated with its uncertainty.",
        "ability_name": "AI capability",
        "colon": ": ",
        "ability_description": "Ability estimated by an adaptive test of artificial intelligence, with its standard error.",
        "ability_criteria": (
            "The holder answered items chosen to fit the answers already given. The estimate follows item response "
            "theory; zero is the mean of the group the items were calibrated on and one is its standard deviation."
        ),
        "ability_says": (
            "Estimated ability {ability_shown} with a standard error of {error_shown}, from {items} items answered in "
            "{language} on {day}, {watched}. With 95 % confidence the true ability lies between {low_shown} and "
            "{high_shown}."
        ),
        "level_says": " The probability that it reaches the level {level} is {probability_shown} %.",
        "watched": "under supervision",
        "watched_at": "under supervision at {site}",
        "ability_brief": (
            "Estimated ability {ability}, standard error {error}, from {items} items. With 95 % confidence the true ability lies between {low} and {high}."
        ),
        "standing_brief": (
            "Mean score {score} over {cases} cases, with 95 % confidence between {low} and {high}; rank {rank_low} to {rank_high} of {solutions} solutions."
        ),
        "not_watched": "without supervision",
        "languages": {"en": "English", "id": "Indonesian", "zh": "Chinese"},
        "levels": {"foundation": "Foundation", "practitioner": "Practitioner", "specialist": "Specialist"},
        "standing_name": "Standing: {title}",
        "standing_description": "Standing of a solution in a challenge, computed from signed evidence alone.",
        "standing_criteria": (
            "The solution was judged in a sandbox on cases it could not see. Two solutions that cannot be told apart "
            "share a rank, which is why ranks are given as a range."
        ),
        "standing_says": (
            "Mean score {score_shown} {unit} over {cases} cases of the challenge {title}, with 95 % confidence between "
            "{low_shown} and {high_shown}; rank {rank_low} to {rank_high} of {solutions} solutions on {day}."
        ),
        "evidence": "Signed evidence of the judged runs",
        "rows": {
            "ability": "Ability (logit scale)",
            "error": "Standard error",
            "low": "Lower end of the 95 % interval",
            "high": "Upper end of the 95 % interval",
            "items": "Items answered",
            "probability": "Probability of reaching the level",
            "score": "Mean score",
            "rank_low": "Best possible rank",
            "rank_high": "Worst possible rank",
            "solutions": "Solutions compared",
            "cases": "Cases judged",
        },
        "holder": "Holder",
        "issuer": "Issued by",
        "valid": "Valid",
        "valid_between": "{start} to {end}",
        "valid_since": "since {start}, without end",
        "scan": "Scan to verify. The badge itself is in the code; nothing about you is sent.",
        "title": "Certificate of a measurement",
        "anonymous": "shown only to whom the holder tells",
    },
    "id": {
        "badge_description": "Hasil pengukuran kemampuan di bidang kecerdasan artifisial, lengkap dengan ketidakpastiannya.",
        "ability_name": "Kemampuan AI",
        "colon": ": ",
        "ability_description": (
            "Kemampuan yang diperkirakan lewat tes adaptif tentang kecerdasan artifisial, beserta galat bakunya."
        ),
        "ability_criteria": (
            "Peserta mengerjakan butir soal yang dipilih sesuai jawaban sebelumnya. Perkiraannya memakai teori respons "
            "butir; nol adalah rata-rata kelompok yang dipakai untuk kalibrasi dan satu adalah simpangan bakunya."
        ),
        "ability_says": (
            "Perkiraan kemampuan {ability_shown} dengan galat baku {error_shown}, dari {items} butir soal yang dijawab "
            "dalam {language} pada {day}, {watched}. Dengan kepercayaan 95 %, kemampuan sebenarnya terletak antara "
            "{low_shown} dan {high_shown}."
        ),
        "level_says": " Peluang kemampuan itu mencapai tingkat {level} adalah {probability_shown} %.",
        "watched": "dengan pengawasan",
        "watched_at": "dengan pengawasan di {site}",
        "ability_brief": (
            "Perkiraan kemampuan {ability}, galat baku {error}, dari {items} butir soal. Dengan kepercayaan 95 %, kemampuan sebenarnya terletak antara {low} dan {high}."
        ),
        "standing_brief": (
            "Skor rata-rata {score} dari {cases} kasus uji, dengan kepercayaan 95 % antara {low} dan {high}; peringkat {rank_low} sampai {rank_high} dari {solutions} solusi."
        ),
        "not_watched": "tanpa pengawasan",
        "languages": {"en": "bahasa Inggris", "id": "bahasa Indonesia", "zh": "bahasa Mandarin"},
        "levels": {"foundation": "Dasar", "practitioner": "Praktisi", "specialist": "Spesialis"},
        "standing_name": "Peringkat: {title}",
        "standing_description": "Peringkat sebuah solusi pada suatu tantangan, dihitung hanya dari bukti bertanda tangan.",
        "standing_criteria": (
            "Solusi dinilai di dalam kotak pasir pada kasus uji yang tidak dapat dilihatnya. Dua solusi yang tidak dapat "
            "dibedakan berbagi peringkat, karena itu peringkat ditulis sebagai rentang."
        ),
        "standing_says": (
            "Skor rata-rata {score_shown} {unit} dari {cases} kasus uji pada tantangan {title}, dengan kepercayaan 95 % "
            "antara {low_shown} dan {high_shown}; peringkat {rank_low} sampai {rank_high} dari {solutions} solusi pada "
            "{day}."
        ),
        "evidence": "Bukti bertanda tangan dari proses penilaian",
        "rows": {
            "ability": "Kemampuan (skala logit)",
            "error": "Galat baku",
            "low": "Batas bawah selang 95 %",
            "high": "Batas atas selang 95 %",
            "items": "Butir soal yang dijawab",
            "probability": "Peluang mencapai tingkat tersebut",
            "score": "Skor rata-rata",
            "rank_low": "Peringkat terbaik yang mungkin",
            "rank_high": "Peringkat terburuk yang mungkin",
            "solutions": "Solusi yang dibandingkan",
            "cases": "Kasus uji yang dinilai",
        },
        "holder": "Pemegang",
        "issuer": "Diterbitkan oleh",
        "valid": "Berlaku",
        "valid_between": "{start} sampai {end}",
        "valid_since": "sejak {start}, tanpa batas waktu",
        "scan": "Pindai untuk memverifikasi. Lencananya ada di dalam kode; tidak ada data Anda yang dikirim.",
        "title": "Sertifikat hasil pengukuran",
        "anonymous": "hanya diketahui orang yang diberi tahu pemegang",
    },
    "zh": {
        "badge_description": "一项人工智能能力的测量结果，并注明其不确定性。",
        "ability_name": "人工智能能力",
        "colon": "：",
        "ability_description": "通过人工智能自适应测验估计的能力值及其标准误。",
        "ability_criteria": (
            "测验根据此前的作答情况挑选后续试题。能力值按项目反应理论估计：0 表示标定群体的平均水平，1 表示该群体的一个标准差。"
        ),
        "ability_says": (
            "能力估计值为 {ability_shown}，标准误为 {error_shown}；持有者于 {day} 用{language}作答 {items} 道试题，{watched}。"
            "真实能力值以 95% 的置信度介于 {low_shown} 与 {high_shown} 之间。"
        ),
        "level_says": "达到“{level}”等级的概率为 {probability_shown}%。",
        "watched": "有人监考",
        "watched_at": "在{site}有人监考",
        "ability_brief": (
            "能力估计值为 {ability}，标准误为 {error}，依据 {items} 道试题。真实能力值以 95% 的置信度介于 {low} 与 {high} 之间。"
        ),
        "standing_brief": (
            "在 {cases} 个测试用例上平均得分 {score}，95% 置信区间为 {low} 至 {high}；在 {solutions} 个方案中名次为第 {rank_low} 至第 {rank_high}。"
        ),
        "not_watched": "无人监考",
        "languages": {"en": "英语", "id": "印度尼西亚语", "zh": "中文"},
        "levels": {"foundation": "基础", "practitioner": "应用", "specialist": "专业"},
        "standing_name": "名次：{title}",
        "standing_description": "解决方案在赛题中的名次，仅依据带签名的评测凭证计算。",
        "standing_criteria": "解决方案在沙箱中接受评测，测试用例事先不可见。无法区分高下的方案并列，因此名次以区间表示。",
        "standing_says": (
            "在赛题“{title}”的 {cases} 个测试用例上平均得分 {score_shown} {unit}，95% 置信区间为 {low_shown} 至 {high_shown}；"
            "截至 {day}，在 {solutions} 个方案中名次为第 {rank_low} 至第 {rank_high}。"
        ),
        "evidence": "评测任务的签名凭证",
        "rows": {
            "ability": "能力值（logit 量尺）",
            "error": "标准误",
            "low": "95% 区间下限",
            "high": "95% 区间上限",
            "items": "作答题数",
            "probability": "达到该等级的概率",
            "score": "平均得分",
            "rank_low": "可能的最好名次",
            "rank_high": "可能的最差名次",
            "solutions": "参与比较的方案数",
            "cases": "评测用例数",
        },
        "holder": "持有者",
        "issuer": "颁发机构",
        "valid": "有效期",
        "valid_between": "{start} 至 {end}",
        "valid_since": "自 {start} 起长期有效",
        "scan": "扫码即可验证。徽章内容就在二维码中，不会发送您的任何信息。",
        "title": "能力测量证书",
        "anonymous": "由持有者自行决定是否公开",
    },
}
