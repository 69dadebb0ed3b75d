/* The rules have a fault: they throw where an answer is to be decided. */
import { commandType } from '@hunt/rules';
import { HuntFold } from '@hunt/rules/fold';

const { decide } = HuntFold.prototype;

HuntFold.prototype.decide = function (command, decision) {
  if (command.type === commandType.submitAnswer) throw new TypeError('answers are broken');
  decide.call(this, command, decision);
};
