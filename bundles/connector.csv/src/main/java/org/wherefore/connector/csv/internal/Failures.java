package org.wherefore.connector.csv.internal;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Location;

/** The two ways a source can be refused as a whole. */
final class Failures {
    private Failures() {}

    /** The file is not what its description says. */
    static WhereforeException badData(Location at, String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, at.toString(), at + ": " + message, cause);
    }

    /** The description itself is wrong. */
    static WhereforeException badOption(String pointer, String message) {
        return WhereforeException.invalid(pointer, pointer + ": " + message);
    }
}
