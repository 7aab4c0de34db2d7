using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>Where an alert is sent, and as what. Both the address and the secret may be secrets: log neither.</summary>
public sealed class AlertTarget
{
    internal AlertTarget(Uri address, WebhookFormat format, ReadOnlyMemory<byte> secret) => (Address, Format, Secret) = (address, format, secret);

    /// <summary>The address: https and a public host, as far as its spelling says; what its name leads to is known only when it is connected to.</summary>
    public Uri Address { get; }

    /// <summary>What it is sent as.</summary>
    public WebhookFormat Format { get; }

    /// <summary>The key for signatures, or PagerDuty's integration key; empty: there is none.</summary>
    public ReadOnlyMemory<byte> Secret { get; }

    /// <summary>Its format alone.</summary>
    /// <returns>For example <c>Slack webhook</c>.</returns>
    public override string ToString() => $"{Format} webhook";
}
