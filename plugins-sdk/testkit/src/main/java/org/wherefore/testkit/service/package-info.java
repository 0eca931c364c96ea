/**
 * The platform's services in memory: artifacts, registry, journal, installed plugins, training progress.
 */
@Export
@Version("1.0.0")
package org.wherefore.testkit.service;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
