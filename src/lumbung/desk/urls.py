"""The desk's addresses."""

from __future__ import annotations

from django.urls import include, path

from lumbung.desk import pages
from lumbung.desk.adopted import pages as adopted
from lumbung.desk.city import pages as city
from lumbung.desk.connectivity import pages as connectivity
from lumbung.desk.farm import pages as farm
from lumbung.desk.layers import pages as layers
from lumbung.desk.releases import pages as releases
from lumbung.desk.sandbox import pages as sandbox

_pages = [
    path("", pages.home, name="home"),
    path("enter/<str:code>", pages.enter, name="enter"),
    path("language", pages.language, name="language"),
    path("land.geojson", pages.land, name="land"),
    path("people", pages.people, name="people"),
    path("people/<str:mark>/shut-out", pages.shut_out_person, name="shut_out"),
    path("work", pages.work, name="work"),
    path("examples/<str:sector>", pages.example, name="example"),
    path("jobs/<str:name>", pages.job, name="job"),
    path("jobs/<str:name>/life", pages.life, name="life"),
    path("jobs/<str:name>/cancel", pages.cancel, name="cancel"),
    path("jobs/<str:name>/go-on", pages.go_on, name="go_on"),
    path("jobs/<str:name>/remove", pages.remove, name="remove"),
    path("jobs/<str:name>/files/<path:file>", pages.result_file, name="file"),
    path("jobs/<str:name>/everything.zip", pages.everything, name="everything"),
    path("jobs/<str:name>/mend", farm.mend, name="mend"),
    path("jobs/<str:name>/sites/<int:line>", farm.site, name="site"),
    path("jobs/<str:name>/villages/<int:number>", connectivity.village, name="village"),
    path("jobs/<str:name>/moved", connectivity.moved, name="moved"),
    path("jobs/<str:name>/guesses/<int:number>", city.guess, name="guess"),
    path("jobs/<str:name>/correct", city.correct_guesses, name="correct"),
    path("jobs/<str:name>/compare", city.compare, name="compare"),
    path("jobs/<str:name>/junctions/<int:number>", city.junction, name="junction"),
    path("jobs/<str:name>/attach", adopted.attach, name="attach"),
    path("adopted", adopted.start, name="adopted"),
    path("layers", layers.start, name="layers"),
    path("city", city.start, name="city"),
    path("farm", farm.start, name="farm"),
    path("node", releases.overview, name="node"),
    path("sandbox", sandbox.start, name="sandbox"),
    path("node/stop", releases.stop, name="node_stop"),
    path("node/mode", releases.release_mode, name="node_mode"),
    path("node/results/<str:run>", releases.word, name="node_word"),
    path("connectivity", connectivity.start, name="connectivity"),
]
urlpatterns = [path("", include((_pages, "desk")))]
handler404 = "lumbung.desk.pages.not_found"
handler500 = "lumbung.desk.pages.fault"
