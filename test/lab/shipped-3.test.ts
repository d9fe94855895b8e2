import { testShipped } from './fixtures/shipped.ts';

testShipped(3, 3);
