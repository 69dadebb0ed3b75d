// What the generated reference of the command is made from.
export { type Command, type FlagTable, flagName } from '../arguments/command.ts';
export { commandUsage, operandOf } from '../arguments/help.ts';
export { commands } from '../commands.ts';
export { exitCodes } from '../overview.ts';
