"""Addresses of the exchange's side, under /review/."""

from django.urls import path

from reviews.views import desk, ledger, letters, mail, moves, reclassify, section

urlpatterns = [
    path("", desk.queue, name="queue"),
    path("ledger/", ledger.page, name="review-ledger"),
    path("ledger/export/", ledger.export, name="review-ledger-export"),
    path("ledger.csv", ledger.download, name="review-ledger-csv"),
    path("mail/", mail.queue, name="mail-queue"),
    path("mail/new/", mail.upload, name="mail-upload"),
    path("mail/<int:pk>/", mail.mail, name="mail"),
    path("mail/<int:pk>/case/", mail.put_with, name="mail-case"),
    path("mail/<int:pk>/aside/", mail.set_aside, name="mail-aside"),
    path("mail/<int:pk>/merge/", mail.merge, name="mail-merge"),
    path("mail/<int:pk>/reopen/", mail.reopen, name="mail-reopen"),
    path("mail/<int:pk>/raw/", mail.raw, name="mail-raw"),
    path("mail/<int:pk>/files/<str:sha256>/", mail.file, name="mail-file"),
    path("<int:pk>/", desk.case, name="review-case"),
    path("<int:pk>/take/", desk.take, name="review-take"),
    path("<int:pk>/hand-over/", desk.hand_over, name="review-hand-over"),
    path("<int:pk>/note/", desk.note, name="review-note"),
    path("<int:pk>/compare/<int:number>/", desk.compare, name="review-compare"),
    path("<int:pk>/return/", moves.send_for_correction, name="review-return"),
    path("<int:pk>/reclassify/", reclassify.page, name="review-reclassify"),
    path("<int:pk>/recommend/", moves.recommend, name="review-recommend"),
    path("<int:pk>/release/", moves.release, name="review-release"),
    path("<int:pk>/bundle/", moves.bundle, name="review-bundle"),
    path("<int:pk>/decision/", moves.decision, name="review-decision"),
    path("<int:pk>/letter/<int:recommendation>.pdf", letters.draft, name="review-letter"),
    path("<int:pk>/<str:section_id>/", section.section, name="review-section"),
]
