/**
 * Who may do what, and who did: callers and their roles, keys, allowances, and the audit trail of every change. The bundle {@code access}
 * knows callers, {@code journal} keeps the trail; {@code rest} asks both.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.access;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
