using System.Globalization;
using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>What somebody is told. Carries no user or model text; ids of sessions, users and tenants are the host's.</summary>
public sealed record Alert
{
    /// <summary>Identity, 32 hexadecimal digits: the same when it fires again without having been over, and when it is resolved.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Whether it begins or is over.</summary>
    public AlertState State { get; init; }

    /// <summary>When, in UTC.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What is counted.</summary>
    public AlertConditionType Condition { get; init; }

    /// <summary>The event that is counted.</summary>
    /// <value><see langword="null"/>: the condition is not about one.</value>
    public string? Event { get; init; }

    /// <summary>For whom is counted.</summary>
    public AlertScope Per { get; init; }

    /// <summary>The session of a rule per session, or the user's account of a rule per user: what <see cref="AegisSessions"/> takes.</summary>
    /// <value><see langword="null"/>: it is about no session and no user.</value>
    public SessionId? Session { get; init; }

    /// <summary>The tenant of a rule per tenant.</summary>
    /// <value><see langword="null"/>: it is about none.</value>
    public string? Tenant { get; init; }

    /// <summary>How much there was: events (counted as far as one more than the threshold), money or a share.</summary>
    public decimal Value { get; init; }

    /// <summary>There was to be no more than this.</summary>
    public decimal Threshold { get; init; }

    /// <summary>In any window of this length.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>Name of the policy.</summary>
    public string Policy { get; init; } = "";

    /// <summary>All of it in one line that is safe to show: without control characters, invisible ones and those that turn the direction of text, 256 characters of each name at most.</summary>
    public string Summary
    {
        get
        {
            var what = Condition switch
            {
                AlertConditionType.RateSpike => $"{Plain.Of(Event)} events",
                AlertConditionType.SessionKills => "ended runs and locked sessions",
                AlertConditionType.CostAnomaly => "cost",
                AlertConditionType.ScanBlockRate => "share of blocked texts",
                _ => "blocked attacks",
            };
            var how = State == AlertState.Fired ? $"more than {Number(Threshold)} in {Seconds(Window)}: {Number(Value)}" : $"no longer more than {Number(Threshold)} in {Seconds(Window)}";
            return $"{Plain.Of(Rule)}: {what} {how}{(About.Length > 0 ? $" ({About})" : "")}";
        }
    }

    /// <summary>Whom it is about, for people; empty: nobody in particular.</summary>
    internal string About => Per switch
    {
        AlertScope.Tenant => Tenant is null ? "no tenant" : $"tenant {Plain.Of(Tenant)}",
        AlertScope.All => "",
        _ => Session is not { } session ? "no session" : $"{(session.Origin == SessionOrigin.Principal ? "user" : "session")} {Plain.Of(session.Id)}{(session.Principal is { } user ? $" of user {Plain.Of(user)}" : "")}{(session.Tenant is { } tenant ? $" of tenant {Plain.Of(tenant)}" : "")}",
    };

    internal static string Number(decimal number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
