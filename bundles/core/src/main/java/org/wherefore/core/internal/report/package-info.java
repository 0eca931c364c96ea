/** Gathers what a report says of a judged record. */
package org.wherefore.core.internal.report;
