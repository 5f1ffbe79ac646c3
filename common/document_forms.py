"""The form by which a document is added to a record."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from common.documents import ENDINGS, DocumentRefused, kind_of


class DocumentForm(forms.Form):
    """A file to keep with a record."""

    file = forms.FileField(
        label="File", widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)})
    )
    title = forms.CharField(
        label="Title", required=False, max_length=200, help_text="Empty: the name of the file."
    )
    reason = forms.CharField(label="Reason", required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = settings.LCM_DOCUMENT_MOST_MB
        self.fields["file"].help_text = f"At most {most} MB: {', '.join(ENDINGS)}."

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        most = settings.LCM_DOCUMENT_MOST_MB
        if file.size is None or file.size > most << 20:
            raise forms.ValidationError(
                f"“{file.name}” has {(file.size or 0) / (1 << 20):,.1f} MB, and at most {most} MB"
                " are kept. Make it smaller, or have whoever runs LCM allow more."
            )
        self.content = file.read()
        try:
            kind_of(file.name or "", self.content)
        except DocumentRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return file
