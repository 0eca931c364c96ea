package org.wherefore.api.report.spi;

import java.io.IOException;
import java.io.OutputStream;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.report.Report;

/** Writes reports in one format. Whatever a report says is text: markup in it comes out as it was. Thread-safe. */
@ConsumerType
public interface ReportRenderer {
    /** Without parameters, such as {@code application/pdf}. */
    String mediaType();

    /** Does not close the stream. @throws IOException when it can't be written to */
    void write(Report report, OutputStream out) throws IOException;
}
