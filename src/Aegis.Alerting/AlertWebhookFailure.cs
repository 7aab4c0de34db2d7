namespace Aegis;

/// <summary>Why an alert did not arrive.</summary>
public enum AlertWebhookFailure
{
    /// <summary>Nobody answered, or not in time.</summary>
    Unreachable,

    /// <summary>The name led to an address that is not public.</summary>
    PrivateAddress,

    /// <summary>The answer led elsewhere, which is not followed.</summary>
    Redirected,

    /// <summary>The answer was another one than success.</summary>
    Refused,
}
