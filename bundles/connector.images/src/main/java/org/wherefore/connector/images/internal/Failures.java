package org.wherefore.connector.images.internal;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Location;

/** How a source is refused as a whole. */
final class Failures {
    private Failures() {}

    /** The file is not what its description says. */
    static WhereforeException badData(Location at, String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, at.toString(), at + ": " + message, cause);
    }
}
