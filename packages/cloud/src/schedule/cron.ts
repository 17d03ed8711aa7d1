/** AWS's cron expressions: six fields, with `L`, `W` and `#`, in any time zone. */

export class ScheduleError extends Error {}

/** A date as a wall clock shows it. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const fields = {
  minutes: { name: "minutes", minimum: 0, maximum: 59 },
  hours: { name: "hours", minimum: 0, maximum: 23 },
  dayOfMonth: { name: "day-of-month", minimum: 1, maximum: 31 },
  month: { name: "month", minimum: 1, maximum: 12, names: months },
  dayOfWeek: { name: "day-of-week", minimum: 1, maximum: 7, names: weekdays },
  year: { name: "year", minimum: 1970, maximum: 2199 },
} satisfies Record<string, Field>;

function readNumber(text: string, { name, minimum, maximum, names }: Field): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + 1 : Number(text);
  if (text === "" || !Number.isInteger(number) || number < minimum || number > maximum) {
    throw new ScheduleError(`“${text}” is no ${name}: it must be between ${minimum} and ${maximum}.`);
  }
  return number;
}

/** The numbers a plain field stands for; undefined for all of them. */
function readSet(text: string, field: Field): ReadonlySet<number> | undefined {
  if (text === "*" || text === "?") return undefined;
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", stepText] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1) throw new ScheduleError(`“${part}” has no valid step.`);
    const [fromText = "", toText] = range === "*" ? [] : range.split("-");
    const from = range === "*" ? field.minimum : readNumber(fromText, field);
    const open = stepText !== undefined || range === "*";
    const to = toText === undefined ? (open ? field.maximum : from) : readNumber(toText, field);
    if (to < from) {
      for (let number = from; number <= field.maximum; number += step) numbers.add(number);
      for (let number = field.minimum; number <= to; number += step) numbers.add(number);
    }
    for (let number = from; number <= to; number += step) numbers.add(number);
  }
  return numbers;
}

type DayTest = (day: Day) => boolean;

function daysIn({ year, month }: Day): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** 1 is Sunday. */
function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

/** The working day nearest to a day of the month, without leaving the month. */
function nearestWorkday(wanted: Day): number {
  const weekday = weekdayOf(wanted);
  if (weekday === 7) return wanted.day === 1 ? 3 : wanted.day - 1;
  if (weekday === 1) return wanted.day === daysIn(wanted) ? wanted.day - 2 : wanted.day + 1;
  return wanted.day;
}

function dayOfMonthTest(text: string): DayTest {
  if (text === "L") return (day) => day.day === daysIn(day);
  if (text === "LW") return (day) => day.day === nearestWorkday({ ...day, day: daysIn(day) });
  const workday = /^(\d+)W$/.exec(text)?.[1];
  if (workday !== undefined) {
    const wanted = readNumber(workday, fields.dayOfMonth);
    return (day) => wanted <= daysIn(day) && day.day === nearestWorkday({ ...day, day: wanted });
  }
  const set = readSet(text, fields.dayOfMonth);
  return (day) => set?.has(day.day) ?? true;
}

function dayOfWeekTest(text: string): DayTest {
  if (text === "L") return (day) => weekdayOf(day) === 7;
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (last !== undefined) {
    const wanted = readNumber(last, fields.dayOfWeek);
    return (day) => weekdayOf(day) === wanted && day.day + 7 > daysIn(day);
  }
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth) {
    const wanted = readNumber(nth[1] ?? "", fields.dayOfWeek);
    return (day) => weekdayOf(day) === wanted && Math.ceil(day.day / 7) === Number(nth[2]);
  }
  const set = readSet(text, fields.dayOfWeek);
  return (day) => set?.has(weekdayOf(day)) ?? true;
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** How far a zone's wall clock is ahead of UTC at an instant, in milliseconds. */
function offsetAt(time: number, format: Intl.DateTimeFormat): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(time)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute: minutes = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minutes, second) - Math.floor(time / 1000) * 1000;
}

/** Turns a wall clock's time, given as if it were UTC, into the instant it stands for. */
export function wallClock(zone: string): { toInstant(wall: number): number; toWall(time: number): number } {
  if (zone === "UTC") return { toInstant: (wall) => wall, toWall: (time) => time };
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new ScheduleError(`“${zone}” is not a time zone.`);
  }
  return {
    toInstant(wall) {
      const guess = wall - offsetAt(wall, format);
      return wall - offsetAt(guess, format);
    },
    toWall: (time) => time + offsetAt(time, format),
  };
}

/** When a cron expression (the text between the parentheses) is due next, strictly after a time. */
export function cron(text: string, zone = "UTC"): (after: number) => number | undefined {
  const parts = text.trim().split(/\s+/);
  const [minutesText = "", hoursText = "", monthDay = "", monthText = "", weekDay = "", yearText = ""] =
    parts;
  if (parts.length !== 6) throw new ScheduleError(`A cron expression has six fields, not ${parts.length}.`);
  if ((monthDay === "?") === (weekDay === "?")) {
    throw new ScheduleError("One of day-of-month and day-of-week must be “?”, and only one.");
  }
  const minutes = [...(readSet(minutesText, fields.minutes) ?? Array(60).keys())].sort((a, b) => a - b);
  const hours = [...(readSet(hoursText, fields.hours) ?? Array(24).keys())].sort((a, b) => a - b);
  const monthSet = readSet(monthText, fields.month);
  const years = readSet(yearText, fields.year);
  const onDayOfMonth = dayOfMonthTest(monthDay);
  const onDayOfWeek = dayOfWeekTest(weekDay);
  const clock = wallClock(zone);

  return (after) => {
    const start = Math.floor(clock.toWall(after) / day) * day;
    // The rarest expression, a 29 February on one weekday, comes back within forty years.
    for (let midnight = start; midnight < start + 41 * 366 * day; midnight += day) {
      const date = new Date(midnight);
      const today = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
      if (today.year > fields.year.maximum) return undefined;
      if (years && !years.has(today.year)) continue;
      if (monthSet && !monthSet.has(today.month)) continue;
      if (!onDayOfMonth(today) || !onDayOfWeek(today)) continue;
      for (const hour of hours) {
        for (const minuteOfHour of minutes) {
          const instant = clock.toInstant(midnight + (hour * 60 + minuteOfHour) * minute);
          if (instant > after) return instant;
        }
      }
    }
    return undefined;
  };
}
