import { testShipped } from './fixtures/shipped.ts';

testShipped(1, 3);
