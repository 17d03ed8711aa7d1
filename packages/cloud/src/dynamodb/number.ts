/**
 * Numbers as DynamoDB has them: decimal, exact, 38 significant digits, magnitudes from 1e-130 to 9.9…e125.
 * They travel as strings; a canonical string has no exponent, no leading and no trailing zeros.
 */
import { validation } from "./errors.ts";

interface Decimal {
  readonly negative: boolean;
  /** Significant digits without leading or trailing zeros; empty for zero. */
  readonly digits: string;
  /** The power of ten of the first digit. */
  readonly exponent: number;
}

const maximumDigits = 38;
const maximumExponent = 125;
const minimumExponent = -130;

const shape = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?$/;
const plainInteger = /^(?:0|-?[1-9]\d{0,14})$/;

function parse(text: string): Decimal {
  const negative = text.startsWith("-");
  const unsigned = negative || text.startsWith("+") ? text.slice(1) : text;
  const mark = unsigned.search(/[eE]/);
  const mantissa = mark < 0 ? unsigned : unsigned.slice(0, mark);
  const power = mark < 0 ? 0 : Number(unsigned.slice(mark + 1));
  const dot = mantissa.indexOf(".");
  const whole = dot < 0 ? mantissa : mantissa.slice(0, dot);
  const all = dot < 0 ? mantissa : whole + mantissa.slice(dot + 1);
  const first = all.search(/[1-9]/);
  if (first < 0) return { negative: false, digits: "", exponent: 0 };
  return {
    negative,
    digits: all.slice(first).replace(/0+$/, ""),
    exponent: whole.length - 1 - first + power,
  };
}

function format({ negative, digits, exponent }: Decimal): string {
  if (digits === "") return "0";
  const sign = negative ? "-" : "";
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const integerLength = exponent + 1;
  if (digits.length <= integerLength) return sign + digits.padEnd(integerLength, "0");
  return `${sign}${digits.slice(0, integerLength)}.${digits.slice(integerLength)}`;
}

const overflow = () =>
  validation("Number overflow. Attempting to store a number with magnitude larger than supported range");

function checkRange({ digits, exponent }: Decimal): void {
  if (digits === "") return;
  if (exponent > maximumExponent) throw overflow();
  if (exponent < minimumExponent) {
    throw validation(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    );
  }
  if (digits.length > maximumDigits) {
    throw validation("Attempting to store more than 38 significant digits in a Number");
  }
}

/** The canonical form of a number a client sent; refuses what is no number or too much of one. */
export function canonicalNumber(text: string): string {
  if (plainInteger.test(text)) return text;
  if (!shape.test(text)) {
    const said = text === "" ? "" : `: ${text}`;
    throw validation(`The parameter cannot be converted to a numeric value${said}`);
  }
  const decimal = parse(text);
  checkRange(decimal);
  return format(decimal);
}

/** A text that sorts, byte by byte, as the canonical number does among numbers. */
export function sortableNumber(text: string): string {
  const { negative, digits, exponent } = parse(text);
  if (digits === "") return "1";
  if (!negative) return `2${exponent + 200}${digits}`;
  let complement = "";
  for (const digit of digits) complement += 9 - Number(digit);
  return `0${200 - exponent}${complement}~`;
}

/** Negative, zero or positive, as for `Array.sort`; both must be canonical. */
export function compareNumbers(left: string, right: string): number {
  // A double keeps fifteen decimal digits apart and in order.
  if (left.length <= 15 && right.length <= 15) return Number(left) - Number(right);
  const a = sortableNumber(left);
  const b = sortableNumber(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The last digit's power of ten. */
const lowest = (decimal: Decimal) => decimal.exponent - decimal.digits.length + 1;

function scaled({ negative, digits, exponent }: Decimal, scale: number): bigint {
  const value = BigInt(digits.padEnd(exponent - scale + 1, "0") || "0");
  return negative ? -value : value;
}

/** The exact sum of two canonical numbers. */
export function addNumbers(left: string, right: string): string {
  if (plainInteger.test(left) && plainInteger.test(right)) return String(Number(left) + Number(right));
  const a = parse(left);
  const b = parse(right);
  if (a.digits === "") return right;
  if (b.digits === "") return left;
  const scale = Math.min(lowest(a), lowest(b));
  const sum = scaled(a, scale) + scaled(b, scale);
  const result = parse(`${sum}e${scale}`);
  // AWS speaks of magnitude here, although it is the precision that does not suffice.
  if (result.digits.length > maximumDigits) throw overflow();
  checkRange(result);
  return format(result);
}

export function subtractNumbers(left: string, right: string): string {
  if (right === "0") return left;
  return addNumbers(left, right.startsWith("-") ? right.slice(1) : `-${right}`);
}

/** The bytes a number counts for in an item's size. */
export function numberSize(text: string): number {
  let digits = 0;
  let negative = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 45) negative = 1;
    else if (code !== 46 && (digits > 0 || code !== 48)) digits++;
  }
  return 1 + Math.ceil(digits / 2) + negative;
}
