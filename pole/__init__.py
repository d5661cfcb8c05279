"""What every app of the portal uses: it imports none of them."""

from django.forms import BaseFormSet, BaseInlineFormSet, BaseModelFormSet, ModelForm

# The type stubs make these generic and Django does not: `ModelForm[Post]` must mean `ModelForm` when it runs.
for _kind in (ModelForm, BaseFormSet, BaseModelFormSet, BaseInlineFormSet):
    setattr(_kind, "__class_getitem__", classmethod(lambda cls, _model: cls))  # noqa: B010 - not in the stubs
