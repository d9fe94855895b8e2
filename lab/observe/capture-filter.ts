import type { Instruction } from '../../src/kernel/index.ts';

/** Operations of classic BPF, as in linux/bpf_common.h: size and mode of a load, kind of a jump. */
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const LOAD_WORD = 0x20;
const LOAD_HALF_INDEXED = 0x48;
/** X = 4 × the low nibble of a byte: the length of an IPv4 header. */
const INDEX_BY_IP_HEADER = 0xb1;
const JUMP_EQUAL = 0x15;
const JUMP_SET = 0x45;
const RETURN = 0x06;
/** linux/filter.h: what is not in the frame is loaded from here; 8 is the index of the interface. */
const ANCILLARY_INTERFACE = 0xfffff000 + 8;
/** Keep all of it. */
const WHOLE_FRAME = 0xffffffff;

type Step = [operation: number, operand: number, otherwise?: 'drop' | 'drop-if'];

/**
 * The kernel's part of the capture: UDP datagrams over IPv4 to one port, first fragments only, unless they are on one of the interfaces that
 * are no link (a bridge shows a frame a second time). What it holds back costs no place in the ring.
 */
export function overlayFilter(port: number, exceptInterfaces: readonly number[]): Instruction[] {
  const steps: Step[] = [
    [LOAD_HALF, 12],
    [JUMP_EQUAL, 0x0800, 'drop'],
    [LOAD_BYTE, 23],
    [JUMP_EQUAL, 17, 'drop'],
    [LOAD_HALF, 20],
    [JUMP_SET, 0x1fff, 'drop-if'],
    [INDEX_BY_IP_HEADER, 14],
    [LOAD_HALF_INDEXED, 16],
    [JUMP_EQUAL, port, 'drop'],
    [LOAD_WORD, ANCILLARY_INTERFACE],
    ...exceptInterfaces.map((index): Step => [JUMP_EQUAL, index, 'drop-if']),
    [RETURN, WHOLE_FRAME],
  ];
  const program = steps.map(([operation, operand, otherwise], i): Instruction => {
    const toDrop = steps.length - i - 1;
    return [operation, otherwise === 'drop-if' ? toDrop : 0, otherwise === 'drop' ? toDrop : 0, operand];
  });
  return [...program, [RETURN, 0, 0, 0]];
}
