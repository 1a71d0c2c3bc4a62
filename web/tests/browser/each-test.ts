import { beforeEach } from "vitest";
import { tidyPages } from "./stage";

beforeEach(tidyPages);
