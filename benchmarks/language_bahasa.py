"""Write the items of the challenge ``bahasa``: nine languages, answers computed by the engines, re-worded twins.

    python benchmarks/language_bahasa.py make challenges/bahasa/items.jsonl
    python benchmarks/language_bahasa.py private FOLDER --seed 20261130     # for a node: the public items with other twins, and new ones

The sentences are ours. Each item says how it was checked: answers come out of the engines named there; Indonesian, English and Chinese
were read by their writers, the other languages not yet by a native speaker.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

PUBLIC_SEED, EACH = 17, 6
DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "id": ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"],
    "jv": ["Senen", "Selasa", "Rebo", "Kemis", "Jemuwah", "Setu", "Ngahad"],
    "su": ["Senén", "Salasa", "Rebo", "Kemis", "Jumaah", "Saptu", "Minggu"],
    "ms": ["Isnin", "Selasa", "Rabu", "Khamis", "Jumaat", "Sabtu", "Ahad"],
    "fil": ["Lunes", "Martes", "Miyerkules", "Huwebes", "Biyernes", "Sabado", "Linggo"],
    "zh": ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
    "vi": ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"],
    "th": ["วันจันทร์", "วันอังคาร", "วันพุธ", "วันพฤหัสบดี", "วันศุกร์", "วันเสาร์", "วันอาทิตย์"],
}
READ = {"id", "en", "zh"}
COMMA = {"id", "jv", "su", "vi"}  # 1.250,5; the others write 1,250.5
FRAMES = {
    "en": "For tomorrow's meeting I need this worked out. {}",
    "id": "Untuk rapat besok saya perlu hitungan ini. {}",
    "jv": "Kanggo rapat sesuk aku butuh itungan iki. {}",
    "su": "Keur rapat isukan kuring butuh itungan ieu. {}",
    "ms": "Untuk mesyuarat esok saya perlukan kiraan ini. {}",
    "fil": "Para sa pulong bukas, kailangan ko ang sagot dito. {}",
    "zh": "明天开会要用，请帮我算一下。{}",
    "vi": "Tôi cần kết quả này cho cuộc họp ngày mai. {}",
    "th": "ฉันต้องใช้คำตอบนี้ในการประชุมพรุ่งนี้ {}",
}

# topic -> language -> (wording, re-worded). Names in braces are drawn.
SENTENCES: dict[str, dict[str, tuple[str, str]]] = {
    "arithmetic": {
        "en": (
            "A farmer harvests {a} sacks of rice, each of {b} kg, and sells {c} kg. How many kilograms are left?",
            "After selling {c} kg out of {a} sacks that hold {b} kg of rice each, how many kilograms does a farmer still have?",
        ),
        "id": (
            "Seorang petani memanen {a} karung beras, masing-masing {b} kg, lalu menjual {c} kg. Berapa kilogram yang tersisa?",
            "Setelah {c} kg terjual dari {a} karung beras yang isinya {b} kg per karung, petani itu masih punya berapa kilogram?",
        ),
        "jv": (
            "Pak tani panen {a} karung beras, saben karung {b} kg, banjur didol {c} kg. Isih kari pirang kilogram?",
            "Sawise {c} kg payu saka {a} karung beras kang isine {b} kg saben karung, pak tani isih duwe pirang kilogram?",
        ),
        "su": (
            "Patani panén {a} karung béas, unggal karung {b} kg, tuluy dijual {c} kg. Sésana sabaraha kilogram?",
            "Sanggeus {c} kg dijual tina {a} karung béas anu eusina {b} kg per karung, patani boga kénéh sabaraha kilogram?",
        ),
        "ms": (
            "Seorang petani menuai {a} guni beras, setiap satu {b} kg, lalu menjual {c} kg. Berapa kilogram yang tinggal?",
            "Selepas {c} kg dijual daripada {a} guni beras seberat {b} kg seguni, petani itu masih ada berapa kilogram?",
        ),
        "fil": (
            "Umani ang isang magsasaka ng {a} sako ng bigas na tig-{b} kg, at ipinagbili ang {c} kg. Ilang kilo ang natira?",
            "Matapos ibenta ang {c} kg mula sa {a} sako na may {b} kg na bigas bawat isa, ilang kilo pa ang hawak ng magsasaka?",
        ),
        "zh": (
            "一位农民收了{a}袋大米，每袋{b}公斤，卖掉{c}公斤。还剩多少公斤？",
            "{a}袋大米，每袋装{b}公斤，从中卖出{c}公斤以后，这位农民手里还有多少公斤？",
        ),
        "vi": (
            "Một nông dân thu được {a} bao gạo, mỗi bao {b} kg, rồi bán {c} kg. Còn lại bao nhiêu ki-lô-gam?",
            "Sau khi bán {c} kg trong số {a} bao gạo, mỗi bao chứa {b} kg, người nông dân còn bao nhiêu ki-lô-gam?",
        ),
        "th": (
            "ชาวนาเก็บเกี่ยวข้าวได้ {a} กระสอบ กระสอบละ {b} กิโลกรัม แล้วขายไป {c} กิโลกรัม เหลือข้าวกี่กิโลกรัม",
            "หลังจากขายไป {c} กิโลกรัมจากข้าว {a} กระสอบที่หนักกระสอบละ {b} กิโลกรัม ชาวนายังมีข้าวอยู่กี่กิโลกรัม",
        ),
    },
    "knowledge": {
        "en": ("How many square metres are {h} hectares?", "A field measures {h} hectares. What is its area in square metres?"),
        "id": ("Berapa meter persegi luas {h} hektare?", "Sebidang sawah luasnya {h} hektare. Berapa luasnya dalam meter persegi?"),
        "jv": ("{h} hektar iku pirang meter pesagi?", "Ana sawah ambane {h} hektar. Yen diukur nganggo meter pesagi, ambane pira?"),
        "su": ("{h} héktar téh sabaraha méter pasagi?", "Aya sawah legana {h} héktar. Lamun dina méter pasagi, legana sabaraha?"),
        "ms": ("Berapakah meter persegi dalam {h} hektar?", "Sebidang sawah berkeluasan {h} hektar. Berapakah keluasannya dalam meter persegi?"),
        "fil": ("Ilang metro kuwadrado ang {h} ektarya?", "May bukid na {h} ektarya ang lawak. Gaano ito kalawak sa metro kuwadrado?"),
        "zh": ("{h}公顷等于多少平方米？", "一块水田有{h}公顷，折合多少平方米？"),
        "vi": ("{h} héc-ta bằng bao nhiêu mét vuông?", "Một thửa ruộng rộng {h} héc-ta. Diện tích đó là bao nhiêu mét vuông?"),
        "th": ("{h} เฮกตาร์เท่ากับกี่ตารางเมตร", "นาแปลงหนึ่งมีพื้นที่ {h} เฮกตาร์ คิดเป็นกี่ตารางเมตร"),
    },
    "reading": {
        "en": (
            "Sari sows on {d}. Budi sows {m} days after Sari. Wati sows one day before Budi. On which day does Wati sow?",
            "Wati sows the day before Budi does, and Budi {m} days later than Sari. Sari's day is {d}. Which day is Wati's?",
        ),
        "id": (
            "Sari menanam pada hari {d}. Budi menanam {m} hari setelah Sari. Wati menanam sehari sebelum Budi. Hari apa Wati menanam?",
            "Wati menanam sehari lebih dulu daripada Budi, dan Budi {m} hari sesudah Sari. Sari menanam hari {d}. Kapan Wati menanam?",
        ),
        "jv": (
            "Sari nandur dina {d}. Budi nandur {m} dina sawise Sari. Wati nandur sedina sadurunge Budi. Wati nandur dina apa?",
            "Wati nandur sedina luwih dhisik tinimbang Budi, lan Budi {m} dina sawise Sari. Sari nandur dina {d}. Wati nandure dina apa?",
        ),
        "su": (
            "Sari melak poé {d}. Budi melak {m} poé sanggeus Sari. Wati melak sapoé saméméh Budi. Poé naon Wati melak?",
            "Wati melak sapoé leuwih ti heula batan Budi, sarta Budi {m} poé sanggeus Sari. Sari melak poé {d}. Wati melakna poé naon?",
        ),
        "ms": (
            "Sari menanam pada hari {d}. Budi menanam {m} hari selepas Sari. Wati menanam sehari sebelum Budi. Hari apakah Wati menanam?",
            "Wati menanam sehari lebih awal daripada Budi, dan Budi {m} hari selepas Sari. Sari menanam pada hari {d}. Bilakah Wati menanam?",
        ),
        "fil": (
            "Nagtanim si Sari noong {d}. Nagtanim si Budi {m} araw pagkatapos ni Sari. Nagtanim si Wati isang araw bago si Budi. Anong araw nagtanim si Wati?",
            "Nauna nang isang araw si Wati kay Budi sa pagtatanim, at nahuli naman si Budi nang {m} araw kay Sari. {d} nagtanim si Sari. Anong araw kay Wati?",
        ),
        "zh": (
            "莎丽在{d}播种，布迪比莎丽晚{m}天播种，瓦蒂比布迪早一天播种。瓦蒂是星期几播种的？",
            "瓦蒂播种的日子在布迪的前一天，布迪的又在莎丽之后{m}天，而莎丽播种那天是{d}。瓦蒂播种是哪一天？",
        ),
        "vi": (
            "Sari gieo hạt vào {d}. Budi gieo sau Sari {m} ngày. Wati gieo trước Budi một ngày. Wati gieo vào ngày nào?",
            "Wati gieo hạt sớm hơn Budi một ngày, còn Budi muộn hơn Sari {m} ngày. Sari gieo vào {d}. Ngày gieo của Wati là ngày nào?",
        ),
        "th": (
            "ซารีหว่านข้าวใน{d} บูดีหว่านหลังซารี {m} วัน วาตีหว่านก่อนบูดีหนึ่งวัน วาตีหว่านวันอะไร",
            "วาตีหว่านข้าวก่อนบูดีหนึ่งวัน ส่วนบูดีหว่านช้ากว่าซารี {m} วัน ซารีหว่านใน{d} วันหว่านของวาตีคือวันใด",
        ),
    },
    "traffic": {
        "en": (
            "A junction loses {l} s in each cycle; its two phases have flow ratios of {y} and {z}. By Webster's formula, how many seconds is the cycle of least delay?",
            "Two phases with flow ratios {y} and {z} share a junction where {l} s of every cycle are lost. Which cycle, in seconds, does Webster's formula give?",
        ),
        "id": (
            "Sebuah simpang kehilangan {l} detik tiap siklus; kedua fasenya punya rasio arus {y} dan {z}. Menurut rumus Webster, berapa detik siklus dengan tundaan terkecil?",
            "Dua fase dengan rasio arus {y} dan {z} berbagi simpang yang waktu hilangnya {l} detik per siklus. Berapa detik siklus menurut rumus Webster?",
        ),
        "jv": (
            "Sawijining prapatan kelangan {l} detik saben siklus; loro fasene nduwe rasio arus {y} lan {z}. Miturut rumus Webster, pirang detik siklus kang tundhane paling cilik?",
            "Rong fase kanthi rasio arus {y} lan {z} nganggo prapatan kang wektu ilange {l} detik saben siklus. Miturut rumus Webster, sikluse pirang detik?",
        ),
        "su": (
            "Hiji parapatan kaleungitan {l} detik unggal siklus; dua fasena boga rasio arus {y} jeung {z}. Numutkeun rumus Webster, sabaraha detik siklus anu tundaanana pangleutikna?",
            "Dua fase kalayan rasio arus {y} jeung {z} maké parapatan anu waktu leungitna {l} detik per siklus. Numutkeun rumus Webster, siklusna sabaraha detik?",
        ),
        "ms": (
            "Sebuah persimpangan kehilangan {l} saat setiap kitaran; dua fasanya mempunyai nisbah aliran {y} dan {z}. Mengikut formula Webster, berapa saat kitaran dengan kelengahan terkecil?",
            "Dua fasa dengan nisbah aliran {y} dan {z} berkongsi persimpangan yang hilang {l} saat bagi setiap kitaran. Berapa saat kitarannya mengikut formula Webster?",
        ),
        "fil": (
            "Nawawalan ng {l} segundo bawat siklo ang isang sangandaan; {y} at {z} ang flow ratio ng dalawang yugto nito. Ayon sa pormula ni Webster, ilang segundo ang siklong may pinakamaliit na pagkaantala?",
            "Dalawang yugto na may flow ratio na {y} at {z} ang gumagamit ng sangandaang may nasasayang na {l} segundo bawat siklo. Ilang segundo ang siklo ayon sa pormula ni Webster?",
        ),
        "zh": (
            "某路口每周期损失时间为{l}秒，两个相位的流量比分别为{y}和{z}。按韦伯斯特公式，延误最小的周期是多少秒？",
            "两个相位共用一个路口，流量比为{y}与{z}，每个周期损失{l}秒。用韦伯斯特公式算出的周期为多少秒？",
        ),
        "vi": (
            "Một nút giao mất {l} giây mỗi chu kỳ; hai pha của nó có tỷ số lưu lượng {y} và {z}. Theo công thức Webster, chu kỳ có độ trễ nhỏ nhất là bao nhiêu giây?",
            "Hai pha với tỷ số lưu lượng {y} và {z} cùng dùng một nút giao có thời gian tổn thất {l} giây mỗi chu kỳ. Công thức Webster cho chu kỳ bao nhiêu giây?",
        ),
        "th": (
            "ทางแยกแห่งหนึ่งเสียเวลา {l} วินาทีต่อรอบ สองเฟสมีอัตราส่วนการไหล {y} และ {z} ตามสูตรของเว็บสเตอร์ รอบสัญญาณที่ความล่าช้าน้อยที่สุดกี่วินาที",
            "สองเฟสที่มีอัตราส่วนการไหล {y} และ {z} ใช้ทางแยกที่เสียเวลารอบละ {l} วินาที สูตรของเว็บสเตอร์ให้รอบสัญญาณกี่วินาที",
        ),
    },
    "coverage": {
        "en": (
            "What is the free-space loss, in dB, at {f} GHz over {k} km?",
            "A {f} GHz signal travels {k} km through free space. By how many dB is it weakened?",
        ),
        "id": (
            "Berapa dB rugi ruang bebas pada {f} GHz sejauh {k} km?",
            "Sinyal {f} GHz merambat {k} km di ruang bebas. Berapa dB pelemahannya?",
        ),
        "jv": (
            "Pira dB rugi ruang bebas ing {f} GHz kanthi jarak {k} km?",
            "Sinyal {f} GHz mlaku {k} km ing ruang bebas. Sinyal iku suda pirang dB?",
        ),
        "su": (
            "Sabaraha dB rugi rohangan bébas dina {f} GHz pikeun jarak {k} km?",
            "Sinyal {f} GHz ngaliwatan {k} km rohangan bébas. Sinyal téh ngurangan sabaraha dB?",
        ),
        "ms": (
            "Berapakah kehilangan ruang bebas, dalam dB, pada {f} GHz sejauh {k} km?",
            "Isyarat {f} GHz merambat {k} km dalam ruang bebas. Berapa dB isyarat itu melemah?",
        ),
        "fil": (
            "Ilang dB ang free-space loss sa {f} GHz sa layong {k} km?",
            "Naglakbay nang {k} km sa malayang espasyo ang senyas na {f} GHz. Ilang dB ang ihinina nito?",
        ),
        "zh": ("频率{f} GHz、距离{k}公里时，自由空间损耗是多少分贝？", "{f} GHz的信号在自由空间中传播{k}公里，会减弱多少分贝？"),
        "vi": (
            "Suy hao không gian tự do ở {f} GHz trên quãng đường {k} km là bao nhiêu dB?",
            "Tín hiệu {f} GHz truyền {k} km trong không gian tự do. Nó yếu đi bao nhiêu dB?",
        ),
        "th": (
            "การสูญเสียในอวกาศว่างที่ความถี่ {f} GHz ระยะทาง {k} กิโลเมตร เป็นกี่เดซิเบล",
            "สัญญาณ {f} GHz เดินทาง {k} กิโลเมตรในอวกาศว่าง สัญญาณอ่อนลงกี่เดซิเบล",
        ),
    },
    "farm": {
        "en": (
            "How long, in hours, is the day at {n}° north on day {t} of the year?",
            "On day {t} of the year a field lies at {n}° north. From sunrise to sunset, how many hours pass there?",
        ),
        "id": (
            "Berapa jam panjang hari di {n}° lintang utara pada hari ke-{t} dalam setahun?",
            "Pada hari ke-{t} dalam setahun, berapa jam dari matahari terbit sampai terbenam di sawah pada {n}° lintang utara?",
        ),
        "jv": (
            "Pirang jam dawane awan ing {n}° lintang lor ing dina kaping {t} sajrone setaun?",
            "Ing dina kaping {t} sajrone setaun, saka srengenge mlethek nganti surup pirang jam ing sawah {n}° lintang lor?",
        ),
        "su": (
            "Sabaraha jam lilana beurang di {n}° lintang kalér dina poé ka-{t} dina sataun?",
            "Dina poé ka-{t} dina sataun, ti meletek nepi ka surup panonpoé sabaraha jam di sawah {n}° lintang kalér?",
        ),
        "ms": (
            "Berapa jam panjang siang di {n}° utara pada hari ke-{t} dalam setahun?",
            "Pada hari ke-{t} dalam setahun, berapa jam dari matahari terbit hingga terbenam di sawah pada {n}° utara?",
        ),
        "fil": (
            "Ilang oras ang haba ng araw sa {n}° hilaga sa ika-{t} araw ng taon?",
            "Sa ika-{t} araw ng taon, ilang oras mula pagsikat hanggang paglubog ng araw sa bukid na nasa {n}° hilaga?",
        ),
        "zh": ("北纬{n}°处，一年中第{t}天的白昼长多少小时？", "一块地位于北纬{n}°，在一年的第{t}天，从日出到日落有多少小时？"),
        "vi": (
            "Ở {n}° vĩ bắc, ngày thứ {t} trong năm có ban ngày dài bao nhiêu giờ?",
            "Vào ngày thứ {t} trong năm, một thửa ruộng ở {n}° vĩ bắc có bao nhiêu giờ từ lúc mặt trời mọc đến lúc lặn?",
        ),
        "th": (
            "ที่ละติจูด {n}° เหนือ ในวันที่ {t} ของปี กลางวันยาวกี่ชั่วโมง",
            "ในวันที่ {t} ของปี นาที่อยู่ละติจูด {n}° เหนือ มีเวลาตั้งแต่พระอาทิตย์ขึ้นจนตกกี่ชั่วโมง",
        ),
    },
    "rules": {
        "en": (
            "Nanning's compute voucher of 2025 pays 30% of the fee settled in its period, at most CNY 2,000,000. A firm that meets all conditions settled CNY {w} in the period. How many yuan is its voucher?",
            "A firm meets every condition of Nanning's 2025 compute voucher and settled CNY {w} in the period. The rule grants 30% of that and no more than CNY 2,000,000. What does it get, in yuan?",
        ),
        "id": (
            "Kupon komputasi Nanning 2025 membayar 30% biaya lunas dalam periodenya, paling banyak CNY 2.000.000. Perusahaan yang memenuhi semua syarat melunasi CNY {w} dalam periode itu. Berapa yuan kuponnya?",
            "Sebuah perusahaan memenuhi seluruh syarat kupon komputasi Nanning 2025 dan melunasi CNY {w} dalam periodenya. Aturannya memberi 30% dari itu, tidak lebih dari CNY 2.000.000. Berapa yuan yang diterima?",
        ),
        "jv": (
            "Kupon komputasi Nanning 2025 mbayar 30% saka ragad kang dilunasi sajrone periode, paling akeh CNY 2.000.000. Perusahaan kang nyukupi kabeh sarat nglunasi CNY {w}. Kupone pirang yuan?",
            "Ana perusahaan nyukupi kabeh sarat kupon komputasi Nanning 2025 lan nglunasi CNY {w} sajrone periode. Aturane menehi 30%, ora luwih saka CNY 2.000.000. Oleh pirang yuan?",
        ),
        "su": (
            "Kupon komputasi Nanning 2025 mayar 30% tina waragad anu dilunasan dina periodena, pangreana CNY 2.000.000. Pausahaan anu nyumponan sakabéh sarat ngalunasan CNY {w}. Kuponna sabaraha yuan?",
            "Aya pausahaan nyumponan kabéh sarat kupon komputasi Nanning 2025 sarta ngalunasan CNY {w} dina periodena. Aturanana méré 30%, teu leuwih ti CNY 2.000.000. Meunang sabaraha yuan?",
        ),
        "ms": (
            "Baucar pengkomputeran Nanning 2025 membayar 30% daripada yuran yang dijelaskan dalam tempohnya, paling tinggi CNY 2,000,000. Syarikat yang memenuhi semua syarat menjelaskan CNY {w}. Berapa yuan baucarnya?",
            "Sebuah syarikat memenuhi setiap syarat baucar pengkomputeran Nanning 2025 dan menjelaskan CNY {w} dalam tempohnya. Peraturannya memberi 30%, tidak lebih CNY 2,000,000. Berapa yuan diterimanya?",
        ),
        "fil": (
            "Binabayaran ng compute voucher ng Nanning noong 2025 ang 30% ng bayaring naayos sa panahon nito, hanggang CNY 2,000,000. Nagbayad ng CNY {w} ang kompanyang tumupad sa lahat ng kondisyon. Ilang yuan ang voucher?",
            "Tinupad ng isang kompanya ang bawat kondisyon ng compute voucher ng Nanning noong 2025 at nagbayad ito ng CNY {w} sa panahong iyon. 30% ang ibinibigay ng tuntunin, hindi hihigit sa CNY 2,000,000. Ilang yuan ang matatanggap?",
        ),
        "zh": (
            "南宁市2025年度算力券按基准期内实际结算费用的30%补贴，每家最高200万元。某企业符合全部条件，基准期内结算{w}元。可得算力券多少元？",
            "某企业满足南宁市2025年度算力券的所有条件，基准期内结算费用为{w}元。规则给予其中的30%，但不超过200万元。该企业能拿到多少元？",
        ),
        "vi": (
            "Phiếu tính toán Nam Ninh năm 2025 chi trả 30% chi phí đã quyết toán trong kỳ, tối đa 2.000.000 nhân dân tệ. Một công ty đủ mọi điều kiện đã quyết toán {w} nhân dân tệ. Phiếu đó trị giá bao nhiêu tệ?",
            "Một công ty đáp ứng mọi điều kiện của phiếu tính toán Nam Ninh 2025 và quyết toán {w} nhân dân tệ trong kỳ. Quy định cấp 30% số đó, không quá 2.000.000 tệ. Công ty nhận bao nhiêu tệ?",
        ),
        "th": (
            "คูปองประมวลผลหนานหนิงปี 2025 จ่าย 30% ของค่าบริการที่ชำระในช่วงเวลาที่กำหนด สูงสุด 2,000,000 หยวน บริษัทที่ครบทุกเงื่อนไขชำระ {w} หยวน ได้คูปองกี่หยวน",
            "บริษัทหนึ่งครบทุกเงื่อนไขของคูปองประมวลผลหนานหนิงปี 2025 และชำระ {w} หยวนในช่วงนั้น กฎให้ 30% แต่ไม่เกิน 2,000,000 หยวน บริษัทได้รับกี่หยวน",
        ),
    },
}  # fmt: skip


# ------------------------------------------------------------------------------ what is drawn, and the oracle


def _near(value: float, draw: random.Random, digits: int) -> list[float]:
    """Return three wrong figures of the right one's size."""
    wrong: set[float] = set()
    while len(wrong) < 3:
        one = round(value * draw.choice([0.5, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.5]), digits)
        if one != round(value, digits):
            wrong.add(one)
    return sorted(wrong)


def _arithmetic(draw: random.Random) -> tuple[dict[str, float], float, list[float], int]:
    a, b = draw.randint(4, 30), draw.choice([25, 40, 50])
    c = draw.randint(2, a - 1) * b // 2
    right = a * b - c
    return {"a": a, "b": b, "c": c}, right, [a * b, a * b + c, right + b], 0


def _knowledge(draw: random.Random) -> tuple[dict[str, float], float, list[float], int]:
    hectares = draw.choice([0.25, 0.5, 0.75, 1.5, 2, 2.5, 3, 4, 6, 7.5, 8, 12])
    return {"h": hectares}, hectares * 10_000, [hectares * 100, hectares * 1000, hectares * 100_000], 0


def _traffic(draw: random.Random) -> tuple[dict[str, float], float, list[float], int]:
    from lumbung.city.retiming.search import webster_cycle

    while True:
        lost, ratios = draw.choice([8, 10, 12, 14]), [draw.choice([0.2, 0.25, 0.3, 0.35, 0.4]) for _ in "ab"]
        right = round(webster_cycle(ratios, lost))
        if 45 < right < 110:
            return {"l": lost, "y": ratios[0], "z": ratios[1]}, right, _near(right, draw, 0), 0


def _coverage(draw: random.Random) -> tuple[dict[str, float], float, list[float], int]:
    from lumbung.connectivity.engine.p1812.combination import free_space_loss

    f, km = draw.choice([0.7, 0.9, 1.8, 2.1, 2.6, 3.5]), draw.choice([1, 2, 4, 5, 8, 10, 20, 30])
    right = round(float(free_space_loss(f, float(km), 0.0, 0.0)), 1)
    return (
        {"f": f, "k": km},
        right,
        [round(right + step, 1) for step in draw.sample([-20, -12, -6, 6, 12, 20], 3)],
        1,
    )


def _farm(draw: random.Random) -> tuple[dict[str, float], float, list[float], int]:
    from lumbung.farm.engine.astro import sun

    day, latitude = (
        draw.choice([21, 80, 120, 150, 172, 200, 240, 300, 355]),
        draw.choice([2, 7, 12, 16, 21, 24, 30]),
    )
    right = round(float(sun(float(day), float(latitude), 2e7)[0]), 1)
    return (
        {"t": day, "n": latitude},
        right,
        [round(right + step, 1) for step in draw.sample([-3, -2, -1.2, 1.2, 2, 3], 3)],
        1,
    )


def _rules(draw: random.Random) -> tuple[dict[str, float], float, list[float], int]:
    from lumbung.cooperation.rules.answer import ask
    from lumbung.cooperation.rules.rulebook import shipped_book

    fee = draw.choice(
        [80_000, 150_000, 240_000, 300_000, 420_000, 1_200_000, 5_000_000, 9_000_000, 12_000_000]
    )
    facts = dict.fromkeys(
        ("nanning_legal_person", "clean_record", "listed_provider", "ai_compute_used"), True
    )
    facts |= {
        "other_city_funding": False,
        "settled_fee": fee,
        "contract_start": date(2025, 3, 1),
        "contract_end": date(2025, 12, 31),
    }
    (found,) = [
        a
        for a in ask(shipped_book(), facts, date(2026, 1, 10), "CN-GX-NNG")
        if a.rule.id == "nanning-compute-voucher-2025"
    ]
    right = next(float(granted.value) for granted in found.granted if granted.result.id == "voucher")
    wrong = [one for one in (fee * 0.3, fee * 0.5, fee, right / 2, fee * 0.03, right * 1.5) if one != right]
    return {"w": fee}, right, wrong[:3], 0


DRAWN: dict[str, tuple[Callable[..., Any], str]] = {
    "arithmetic": (_arithmetic, "counted"),
    "knowledge": (_knowledge, "10,000 square metres a hectare"),
    "traffic": (_traffic, "city.retiming.search.webster_cycle"),
    "coverage": (_coverage, "connectivity.engine.p1812 free_space_loss (Rec. ITU-R P.1812, eq. 8)"),
    "farm": (_farm, "farm.engine.astro.sun"),
    "rules": (_rules, "cooperation.rules, nanning-compute-voucher-2025"),
}


def number(value: float, language: str, digits: int = 0) -> str:
    """Return a number as a language writes it."""
    text = f"{value:,.{digits}f}" if digits or value == int(value) else f"{value:,.10g}"
    return text.translate(str.maketrans(",.", ".,")) if language in COMMA else text


def families(topic: str, seed: int) -> Iterator[dict[str, tuple[str, str, str, list[str]]]]:
    """Yield for each draw, by language: wording, re-worded, right answer, wrong ones."""
    draw = random.Random(f"{topic} {seed}")
    seen: set[str] = set()
    while len(seen) < EACH:
        if topic == "reading":
            start, later = draw.randrange(7), draw.randint(2, 5)
            place = (start + later - 1) % 7
            others = draw.sample([day for day in range(7) if day != place], 3)
            values: dict[str, Any] = {"start": start, "later": later}
            made = {
                code: (
                    {"d": DAYS[code][start], "m": str(later)},
                    DAYS[code][place],
                    [DAYS[code][o] for o in others],
                )
                for code in SENTENCES[topic]
            }
        else:
            values, right, wrong, digits = DRAWN[topic][0](draw)
            made = {
                code: (
                    {name: number(value, code) for name, value in values.items()},
                    number(right, code, digits), [number(one, code, digits) for one in wrong],
                )
                for code in SENTENCES[topic]
            }  # fmt: skip
        if (known := json.dumps(values)) in seen or len({made["en"][1], *made["en"][2]}) < 4:
            continue
        seen.add(known)
        yield {
            code: (*(wording.format(**shown) for wording in SENTENCES[topic][code]), answer, odd)
            for code, (shown, answer, odd) in made.items()
        }


def checked(topic: str, language: str) -> str:
    """Return how an item was checked, as it says itself."""
    oracle = "by construction" if topic == "reading" else DRAWN[topic][1]
    read = "read by its writers" if language in READ else "not yet read by a native speaker"
    return f"answer: {oracle}; sentence: ours, {read}"


def opaque(name: str) -> str:
    """Return a key that says nothing of its item: whoever is asked must not see which is the twin."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def items(seed: int, *, private: bool = False) -> Iterator[dict[str, Any]]:
    """Yield a set of items: each family's item and twin in every language. Private twins come in another frame."""
    for topic in SENTENCES:
        for count, family in enumerate(families(topic, seed)):
            for code, (wording, again, right, wrong) in family.items():
                key, paired = (opaque(f"{topic} {seed} {count} {code} {which}") for which in ("item", "twin"))
                twin = FRAMES[code].format(again) if private else again
                for name, question, of in ((key, wording, ""), (paired, twin, key)):
                    options = [right, *wrong]
                    random.Random(name + str(private) * bool(of)).shuffle(options)
                    yield {
                        "id": name, "language": code, "topic": topic, "question": question, "options": options, "target": right,
                        "twin": of, "canary": False, "checked": checked(topic, code),
                    }  # fmt: skip


def canaries(seed: int, count: int = 8) -> Iterator[dict[str, Any]]:
    """Yield canaries: of four strings, one stands in the public file."""
    draw = random.Random(f"canary {seed}")
    for place in range(count):
        options = [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(4)]
        yield {
            "id": opaque(f"canary {place}"), "language": "en", "topic": "canary", "question": f"Which string belongs to canary {place} of this data set?",
            "options": options, "target": draw.choice(options), "twin": "", "canary": True, "checked": "drawn by chance; never to be trained on",
        }  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = arguments.add_subparsers(dest="command", required=True)
    commands.add_parser("make").add_argument("path", type=Path)
    private = commands.add_parser("private")
    private.add_argument("folder", type=Path)
    private.add_argument("--seed", type=int, required=True, help="known to the node's owner alone")
    asked = arguments.parse_args()
    if asked.command == "make":
        path, made = asked.path, [*items(PUBLIC_SEED), *canaries(PUBLIC_SEED)]
    else:
        asked.folder.mkdir(parents=True, exist_ok=True)
        path = asked.folder / "items.jsonl"
        made = [*items(PUBLIC_SEED, private=True), *items(asked.seed, private=True), *canaries(PUBLIC_SEED)]
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in made), encoding="utf-8")
    print(f"{path}: {len(made)} items")
    for code in FRAMES:
        mine = [item for item in made if item["language"] == code and not item["canary"]]
        print(
            f"  {code:<4} {sum(not item['twin'] for item in mine)} items, {sum(bool(item['twin']) for item in mine)} twins"
        )


if __name__ == "__main__":
    main()
