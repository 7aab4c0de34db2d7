using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>Something to be done about an alert.</summary>
/// <param name="Action">What.</param>
/// <param name="Alert">About what.</param>
/// <param name="Do">Does it.</param>
internal readonly record struct AlertWork(AlertAction Action, Alert Alert, Func<CancellationToken, ValueTask> Do);
