// A front end's code over documents typed from their text. It is never run: the compiler reads it.
import type { ResultOf, VariablesOf } from 'gql.tada';
import { askForLeave, myLeaves, whoAmI } from './examples';

export function greeting(data: ResultOf<typeof whoAmI>): string {
  return data.viewer === null ? '请登录' : data.viewer.name;
}

export function waiting(data: ResultOf<typeof myLeaves>): string[] {
  return data.leaves.nodes.filter((leave) => leave.state === 'PENDING').map((leave) => leave.id);
}

export const asked: VariablesOf<typeof askForLeave> = {
  input: { beginsOn: '2018-06-18', endsOn: '2018-06-20' },
};

// @ts-expect-error the last day is required
export const halfAsked: VariablesOf<typeof askForLeave> = { input: { beginsOn: '2018-06-18' } };

export function mistaken(data: ResultOf<typeof askForLeave>): void {
  // @ts-expect-error there is no such code
  if (data.leaveSubmit.userErrors[0]?.code === 'NO_SUCH_CODE') return;
}
