"""Helm charts read statically: values as values, templates as text. Rendering is Helm's business."""

from sovlint.resolve.helm.chart_files import is_template, is_values_file, static_note
from sovlint.resolve.helm.charts import load_chart, load_values
from sovlint.resolve.helm.image_shapes import ImageSite
from sovlint.resolve.helm.inputs import HelmInputs
from sovlint.resolve.helm.templates import TemplateText
from sovlint.resolve.helm.values import ValuesAttributes

__all__ = [
    "HelmInputs",
    "ImageSite",
    "TemplateText",
    "ValuesAttributes",
    "is_template",
    "is_values_file",
    "load_chart",
    "load_values",
    "static_note",
]
