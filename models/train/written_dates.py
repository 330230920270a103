"""Dates as people write them, with what they mean: the endless text that the dates model learns from.

A date is drawn first, then a way to write it. Each way stands in FORMS under a name, so that what is measured can be told
apart by it. Four rules make every text mean one date:

* with numbers alone the day comes before the month, whatever separates them (3/4/26 is 3 April), unless a year of four
  digits comes first: then year, month, day;
* a year of two digits is 1969 to 2068, as POSIX strptime reads %y;
* with a month's name, the number before it (3 March 26) or right after it (March 3 26) is the day; a year of four digits
  may come first;
* a weekday says nothing. It is drawn at random: one that contradicts the date must not mislead.
"""
import datetime
import hashlib
import random

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
WEEKDAYS = {"Monday": ("Mon",), "Tuesday": ("Tue", "Tues"), "Wednesday": ("Wed", "Weds"), "Thursday": ("Thu", "Thurs", "Thur"),
            "Friday": ("Fri",), "Saturday": ("Sat",), "Sunday": ("Sun",)}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
            "twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth",
            "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first")
BEFORE = ("on", "on the", "the", "date:", "Date:", "due", "due on", "since", "until", "by", "before", "from", "born", "born on",
          "dated", "as of", "it was", "it is", "was on", "is on", "we met on", "see you on", "today is", "deadline:",
          "my birthday is", "he was born on", "she died on", "the party is on", "signed in London on", "expires", "in", "at")
AFTER = (".", ",", "!", "?", ";", ")", " at noon", " in Paris", " or so", " please", " (approx.)", " exactly", "...")
FIRST_YEAR, LAST_YEAR = 1900, 2099
FIRST_SHORT_YEAR = 1969  # the first of the hundred years that two digits stand for
HELD_OUT_ONE_IN = 20
MAX_CHARACTERS = 63  # the encoder's positions without the one of <s>


def is_held_out(date):
    """Chosen by the date, not by its text: a held-out date is never trained on in any form."""
    return int.from_bytes(hashlib.sha256(date.isoformat().encode()).digest()[:4], "big") % HELD_OUT_ONE_IN == 0


class Writer:
    """Writes one date; every choice comes from the generator that it is given."""

    def __init__(self, date, rng):
        self.date, self.rng = date, rng

    def chance(self, share):
        return self.rng.random() < share

    def padded(self, number):
        """A number with or without a leading zero."""
        return f"{number:02}" if self.chance(0.5) else str(number)

    def ordinal(self):
        day = self.date.day
        suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
        return f"{day}{suffix}"

    def month(self):
        name = MONTHS[self.date.month - 1]
        if self.chance(0.5) or len(name) <= 3:
            return name
        short = name[:4] if name == "September" and self.chance(0.5) else name[:3]
        return short + ("." if self.chance(0.2) else "")

    def weekday(self):
        name = self.rng.choice(list(WEEKDAYS))
        if self.chance(0.4):
            return name
        return self.rng.choice(WEEKDAYS[name]) + ("." if self.chance(0.2) else "")

    def short_year(self):
        """Two digits, where they are enough to tell the year; else four."""
        year = self.date.year
        is_clear = FIRST_SHORT_YEAR <= year < FIRST_SHORT_YEAR + 100
        return f"{year % 100:02}" if is_clear else str(year)

    def year(self):
        if self.chance(0.65):
            return str(self.date.year)
        short = self.short_year()
        return "'" + short if len(short) == 2 and self.chance(0.5) else short

    def numbers(self):  # 24/11/26, 3.3.2026, 03-03-1999
        separator = self.rng.choice(("/", "/", ".", ".", "-", " ", " / ", ". "))
        year = str(self.date.year) if self.chance(0.5) else self.short_year()
        return separator.join((self.padded(self.date.day), self.padded(self.date.month), year))

    def year_first(self):  # 2026-03-03, 2026/3/3
        separator = self.rng.choice(("-", "-", "/", ".", " "))
        return separator.join((str(self.date.year), self.padded(self.date.month), self.padded(self.date.day)))

    def digits_alone(self):  # 20260303
        return self.date.strftime("%Y%m%d")

    def day_month(self):  # 3 March 2026, 3rd of Mar. '26
        day = self.ordinal() if self.chance(0.5) else self.padded(self.date.day)
        of = " of " if self.chance(0.3) else " "
        comma = self.rng.choice((" ", " ", ", "))
        return ("the " if self.chance(0.25) else "") + day + of + self.month() + comma + self.year()

    def month_day(self):  # March 3, 2026, Nov 24th '26
        day = self.ordinal() if self.chance(0.5) else self.padded(self.date.day)
        the = " the " if self.chance(0.1) else " "
        comma = self.rng.choice((" ", ", ", ", "))
        return self.month() + the + day + comma + self.year()

    def year_month_name(self):  # 2026 March 3
        day = self.ordinal() if self.chance(0.3) else self.padded(self.date.day)
        comma = self.rng.choice((" ", " ", ", "))
        return f"{self.date.year}{comma}{self.month()} {day}"

    def joined(self):  # 3-Mar-26, 03Mar2026
        separator = self.rng.choice(("-", "-", "/", ".", ""))
        name = MONTHS[self.date.month - 1][:None if self.chance(0.2) else 3]
        year = str(self.date.year) if self.chance(0.5) else self.short_year()
        return separator.join((self.padded(self.date.day), name, year))

    def words(self):  # the twenty-fourth of November 2026, May the fifth, 1999
        day = ORDINALS[self.date.day - 1]
        day = day.replace("-", " ") if self.chance(0.3) else day
        comma = self.rng.choice((" ", ", "))
        if self.chance(0.4):
            return f"{self.month()} {'the ' if self.chance(0.5) else ''}{day}{comma}{self.year()}"
        return f"{'the ' if self.chance(0.7) else ''}{day} {'of ' if self.chance(0.7) else ''}{self.month()}{comma}{self.year()}"

    def surround(self, text):
        """A weekday before or after, some words around, another case, spaces too many."""
        if self.chance(0.2):
            text = self.weekday() + self.rng.choice((" ", ", ", ", ", ", the ", " the ")) + text
        elif self.chance(0.05):
            text = text + self.rng.choice((" ", ", ", " (")) + self.weekday()
        if self.chance(0.2):
            text = self.rng.choice(BEFORE) + " " + text
        if self.chance(0.1):
            text += self.rng.choice(AFTER)
        case = self.rng.random()
        text = text.lower() if case < 0.2 else text.upper() if case < 0.3 else text
        if self.chance(0.03):
            text = self.rng.choice((" ", "(", "  ", "[", "- ", "> ", '"')) + text
        if self.chance(0.03):
            text = text.replace(" ", "  ")
        return text


# Name: how to write it, and its share.
FORMS = {"numbers, day first": (Writer.numbers, 22), "numbers, year first": (Writer.year_first, 10),
         "eight digits": (Writer.digits_alone, 3), "day, month's name": (Writer.day_month, 22),
         "month's name, day": (Writer.month_day, 18), "year, month's name, day": (Writer.year_month_name, 5),
         "joined": (Writer.joined, 8), "day in words": (Writer.words, 12)}


def draw_date(rng):
    """Any day of the years; half of them from those that two digits can stand for, so that these are not rare."""
    first, last = (FIRST_SHORT_YEAR, FIRST_SHORT_YEAR + 99) if rng.random() < 0.5 else (FIRST_YEAR, LAST_YEAR)
    begin, end = datetime.date(first, 1, 1).toordinal(), datetime.date(last, 12, 31).toordinal()
    return datetime.date.fromordinal(rng.randint(begin, end))


def draw(rng, held_out):
    """Returns (the name of the form, the text, the date in ISO form)."""
    date = draw_date(rng)
    while is_held_out(date) != held_out:
        date = draw_date(rng)
    name = rng.choices(list(FORMS), [share for _, share in FORMS.values()])[0]
    while True:
        writer = Writer(date, rng)
        text = writer.surround(FORMS[name][0](writer))
        if len(text) <= MAX_CHARACTERS:
            return name, text, date.isoformat()


def examples(n, seed, held_out):
    """n of them, always the same for the same seed."""
    rng = random.Random(seed)
    return [draw(rng, held_out) for _ in range(n)]


if __name__ == "__main__":
    for form, text, date in examples(60, 1, held_out=True):
        print(f"{date}  {form:24} {text}")
