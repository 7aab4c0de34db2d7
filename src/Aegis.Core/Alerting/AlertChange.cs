namespace Aegis.Alerting;

/// <summary>An alert that begins, goes on or is over.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Alert">Id of the alert.</param>
/// <param name="State">Whether it is over.</param>
/// <param name="Value">How much there is.</param>
/// <param name="IsNew">Whether nobody looks yet whether it is over.</param>
internal readonly record struct AlertChange(AlertRule Rule, AlertAccount Account, string Alert, AlertState State, decimal Value, bool IsNew);
