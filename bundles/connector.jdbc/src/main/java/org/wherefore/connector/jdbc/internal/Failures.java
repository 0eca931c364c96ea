package org.wherefore.connector.jdbc.internal;

import java.sql.SQLException;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** The ways a source can be refused as a whole. Messages never hold a password: it is passed to the driver and to nobody else. */
final class Failures {
    private Failures() {}

    /** The source is not what its description says. */
    static WhereforeException badData(String at, String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, at, at + ": " + message, cause);
    }

    /** The database said no. */
    static WhereforeException database(String at, String what, SQLException e) {
        return badData(at, what + ": " + e.getMessage() + (e.getSQLState() == null ? "" : " (SQL state " + e.getSQLState() + ")"), e);
    }

    /** The description itself is wrong. */
    static WhereforeException badOption(String pointer, String message) {
        return WhereforeException.invalid(pointer, pointer + ": " + message);
    }
}
