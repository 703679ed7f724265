"""One measured figure, and how it is shown."""
import dataclasses
import statistics


def short(value):
    """1234567 -> 1.23 M; three digits that count."""
    for limit, unit in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{unit}" if abs(value) < 1000 * limit else f"{value / limit:.0f}{unit}"
    return f"{value:.3g}"


@dataclasses.dataclass
class Figure:
    what: str
    values: list                 # One a run.
    unit: str                    # "/s", "ms", "MB", "%"
    beside: list = dataclasses.field(default_factory=list)
    beside_what: str = ""
    per_cpu_second: float | None = None
    bytes_per_item: float | None = None
    target: float | None = None  # In the unit; or of the ratio.
    target_of: str = "value"     # "value" or "ratio"

    def less_is_better(self):
        return not self.unit.endswith("/s")

    def median(self):
        return statistics.median(self.values)

    def ratio(self):
        return self.median() / statistics.median(self.beside) if self.beside else None

    def missed(self):
        if self.target is None:
            return False
        value = self.ratio() if self.target_of == "ratio" else self.median()
        return value > self.target if self.less_is_better() else value < self.target

    def cells(self):
        space = "" if self.unit in ("/s", "%") else " "
        sign = "≤" if self.less_is_better() else "≥"
        target = "" if self.target is None else (
            f"{sign} {self.target:.0%} of it" if self.target_of == "ratio" else f"{sign} {short(self.target)}{space}{self.unit}")
        beside = f"{self.beside_what} {short(statistics.median(self.beside))}{space}{self.unit}" if self.beside else ""
        verdict = "" if self.target is None else ("**MISSED**" if self.missed() else "met")
        return (self.what, f"{short(self.median())}{space}{self.unit}",
                f"{short(min(self.values))} … {short(max(self.values))}" if len(self.values) > 1 else "",
                beside, "" if self.ratio() is None else f"{self.ratio():.2f}",
                "" if self.per_cpu_second is None else short(self.per_cpu_second),
                "" if self.bytes_per_item is None else f"{self.bytes_per_item:.0f}", target, verdict)
