import { InvalidArgumentError } from 'commander';

/** Reads a number of an option. */
export const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`it takes a whole number from ${least}`);
  return value;
};
