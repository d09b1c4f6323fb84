// An envelope on its way in: the signed header and its parts, as canonical CBOR.
//
// Specification: docs/format/http.md, "Uploads".

import { array, bytes, optional, struct } from "../codec/type.ts";
import type { Infer } from "../codec/type.ts";
import { uploadId } from "../ids.ts";

/** Largest submission, in bytes. */
export const MAX_SUBMISSION = 8 * 1024 * 1024;

const partSubmission = struct({
  ageHeader: bytes,
  /** The payload, when it is small. */
  payload: optional(bytes),
  /** The sender's upload that holds it, when it is large. */
  upload: optional(uploadId),
});
/** One part: its age header, and its payload or the upload that holds it. */
export type PartSubmission = Infer<typeof partSubmission>;

export const submission = struct({
  header: bytes,
  /** In the header's order. */
  parts: array(partSubmission),
});
export type Submission = Infer<typeof submission>;
