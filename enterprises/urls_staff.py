from django.urls import path

from enterprises.views import staff

urlpatterns = [
    path("", staff.listing_list, name="listing_list"),
    path("nouvelle/", staff.listing_new, name="listing_new"),
    path("<int:key>/", staff.listing_edit, name="listing_edit"),
    path("<int:key>/apercu/", staff.listing_preview, name="listing_preview"),
    path("<int:key>/etat/", staff.listing_state, name="listing_state"),
    path("<int:key>/gestionnaires/", staff.listing_give, name="listing_give"),
    path("<int:key>/gestionnaires/retirer/", staff.listing_take_back, name="listing_take_back"),
]
