package org.wherefore.connector.dicom.internal;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** How a file is refused. No refusal quotes the value of an element: it could name a patient. Stateless. */
final class Refusals {
    static final String POINTER = "/image";

    private Refusals() {}

    /** It is damaged, or contradicts itself. */
    static WhereforeException damaged(String what) {
        return WhereforeException.invalid(POINTER, "damaged DICOM: " + what);
    }

    /** It is sound as far as can be told, and holds what is not decoded. */
    static WhereforeException unsupported(String what) {
        return new WhereforeException(ErrorCode.UNSUPPORTED, POINTER, what, null);
    }
}
