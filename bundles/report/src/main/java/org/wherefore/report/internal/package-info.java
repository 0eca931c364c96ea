/** Reports as HTML and PDF. */
package org.wherefore.report.internal;
