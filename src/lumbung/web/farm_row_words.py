"""What is said about a row of a table of sites, in the person's language."""

from __future__ import annotations

from lumbung.proving.text import Text
from lumbung.web.sentences import Sentences

SENTENCES = (
    Text(
        "column {column}: expected degrees between {least} and {most}, found {found}",
        "kolom {column}: seharusnya derajat antara {least} dan {most}, tertulis {found}",
        "列 {column}：应为 {least} 到 {most} 度，实为 {found}",
    ),
    Text(
        "column site: {name} stands in line {line} already",
        "kolom site: {name} sudah ada di baris {line}",
        "列 site：{name} 已出现在第 {line} 行",
    ),
    Text(
        "column site: expected a name, found nothing",
        "kolom site: seharusnya nama, ternyata kosong",
        "列 site：应为名称，实为空",
    ),
    Text(
        "more cells than the header has columns ({count}); a stray separator?",
        "sel lebih banyak daripada kolom di kepala tabel ({count}); ada pemisah yang tersesat?",
        "单元格多于表头列数（{count}）；是否多了分隔符？",
    ),
    Text(
        "column weather: empty, and the weather folder holds no file called {name}; name one",
        "kolom weather: kosong, dan folder cuaca tidak memuat berkas bernama {name}; sebutkan satu berkas",
        "列 weather：为空，且气象文件夹中没有名为 {name} 的文件；请指定一个",
    ),
    Text(
        "column weather: {name} is a file, and no folder is given; say --weather DIR (without it: {others})",
        "kolom weather: {name} adalah berkas, tetapi foldernya tidak diberikan; pakai --weather DIR (tanpa itu: {others})",
        "列 weather：{name} 是文件，但未给出文件夹；请用 --weather DIR（否则可用：{others}）",
    ),
    Text(
        "column production: expected {kinds}, found {found}",
        "kolom production: seharusnya {kinds}, tertulis {found}",
        "列 production：应为 {kinds}，实为 {found}",
    ),
    Text(
        "column irrigated: expected yes or no, found {found}",
        "kolom irrigated: seharusnya ya atau tidak, tertulis {found}",
        "列 irrigated：应为 是 或 否，实为 {found}",
    ),
    Text(
        "column irrigated: only a paddy can be kept flooded, this one is {kind}",
        "kolom irrigated: hanya sawah yang dapat digenangi, yang ini {kind}",
        "列 irrigated：只有水田可以保持淹水，此处为 {kind}",
    ),
    Text(
        "column initial_water: expected 0 to {most} mm above wilting point, found {found}",
        "kolom initial_water: seharusnya 0 sampai {most} mm di atas titik layu, tertulis {found}",
        "列 initial_water：应为凋萎点以上 0 到 {most} 毫米，实为 {found}",
    ),
    Text(
        "column seedling_age: expected whole days from 0 to {most}, found {found}",
        "kolom seedling_age: seharusnya hari bulat dari 0 sampai {most}, tertulis {found}",
        "列 seedling_age：应为 0 到 {most} 的整数天，实为 {found}",
    ),
    Text(
        "column area: expected hectares above 0, found {found}",
        "kolom area: seharusnya hektare di atas 0, tertulis {found}",
        "列 area：应为大于 0 的公顷数，实为 {found}",
    ),
    Text(
        "columns below, normal, above: expected three chances, found {found}",
        "kolom below, normal, above: seharusnya tiga peluang, tertulis {found}",
        "列 below、normal、above：应为三个概率，实为 {found}",
    ),
    Text(
        "no variety {name}; do you mean {near}? there are {names}",
        "tidak ada varietas {name}; maksud Anda {near}? yang ada: {names}",
        "没有品种 {name}；是否指 {near}？现有：{names}",
    ),
    Text(
        "no variety {name}; there are {names}",
        "tidak ada varietas {name}; yang ada: {names}",
        "没有品种 {name}；现有：{names}",
    ),
    Text(
        "expected a date as {shapes}, found {found}",
        "seharusnya tanggal seperti {shapes}, tertulis {found}",
        "应为日期，如 {shapes}，实为 {found}",
    ),
    Text(
        "expected two dates as {shapes}, found {found}",
        "seharusnya dua tanggal seperti {shapes}, tertulis {found}",
        "应为两个日期，如 {shapes}，实为 {found}",
    ),
    Text(
        "a row of totals or means, left out",
        "baris jumlah atau rata-rata, dilewati",
        "合计或平均行，已略过",
    ),
    Text(
        "the column {name} is kept as it is and not used; do you mean {near}?",
        "kolom {name} disimpan apa adanya dan tidak dipakai; maksud Anda {near}?",
        "列 {name} 原样保留、未使用；是否指 {near}？",
    ),
    Text(
        "the weather {name} was measured at {where}, {far} km from the site ({site}); rain there may be other rain",
        "cuaca {name} diukur di {where}, {far} km dari lokasi ({site}); hujan di sana bisa berbeda",
        "气象 {name} 测于 {where}，距地点（{site}）{far} 公里；两地降雨可能不同",
    ),
    Text(
        "column weather: the weather {name} was measured at {where}, {far} km from the site ({site}); more than {most} km is another "
        "climate. Name a nearer record, or one of a grid (NASA POWER, ERA5)",
        "kolom weather: cuaca {name} diukur di {where}, {far} km dari lokasi ({site}); lebih dari {most} km sudah iklim lain. Sebutkan "
        "catatan yang lebih dekat, atau data grid (NASA POWER, ERA5)",
        "列 weather：气象 {name} 测于 {where}，距地点（{site}）{far} 公里；超过 {most} 公里已是另一种气候。请指定更近的记录，或格点数据"
        "（NASA POWER、ERA5）",
    ),
    Text(
        "the site lies {height} m above the weather {name} ({own} m), about {degrees} C cooler",
        "lokasi terletak {height} m di atas stasiun cuaca {name} ({own} m), kira-kira {degrees} C lebih sejuk",
        "地点比气象 {name}（{own} 米）高 {height} 米，约低 {degrees} °C",
    ),
    Text(
        "the site lies {height} m below the weather {name} ({own} m), about {degrees} C warmer",
        "lokasi terletak {height} m di bawah stasiun cuaca {name} ({own} m), kira-kira {degrees} C lebih panas",
        "地点比气象 {name}（{own} 米）低 {height} 米，约高 {degrees} °C",
    ),
    Text(
        "column elevation: {what}; name a record of its own height",
        "kolom elevation: {what}; sebutkan catatan dari ketinggian yang sama",
        "列 elevation：{what}；请指定同一高度的记录",
    ),
    Text(
        "column {column}: {what}",
        "kolom {column}: {what}",
        "列 {column}：{what}",
    ),
)


_KNOWN = Sentences(SENTENCES)


def in_words_of(language: str, sentence: str) -> str:
    """Return a sentence about a row in a language; as it is where it is not known.

    Parameters
    ----------
    language
        ``en``, ``id`` or ``zh``.
    sentence
        As the farm's rooms word it.
    """
    return _KNOWN.in_language(language, sentence)
