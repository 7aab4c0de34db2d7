using System.Net;
using Aegis.Policies;
using Aegis.Tools.Arguments;

namespace Aegis.Alerting;

/// <summary>Addresses to which alerts may be sent, by their spelling. Where a name leads is looked at when it is connected to.</summary>
internal static class WebhookAddress
{
    /// <summary>Where PagerDuty takes events.</summary>
    public const string PagerDuty = "https://events.pagerduty.com/v2/enqueue";

    private const string Local = "localhost";
    private const string Way = " Use https and a public host, without user information.";

    /// <summary>Reads one.</summary>
    /// <param name="text">The address.</param>
    /// <param name="allowsLoopback">Whether this machine may be addressed, over http too.</param>
    /// <param name="address">The address.</param>
    /// <returns>Why it is none, without a word of it; null when it is one.</returns>
    public static string? TryRead(string text, bool allowsLoopback, out Uri? address)
    {
        address = null;
        if (CanonicalUrl.TryRead(text, out var url) is { } why)
        {
            return $"is no address to send to: it {why}.{Way}";
        }

        var isLocal = allowsLoopback && IsLoopback(url!.Host);
        if (url!.Scheme is not "https" && !(isLocal && url.Scheme is "http"))
        {
            return $"is not https.{Way}";
        }

        if (url.Host.IsPrivate && !isLocal)
        {
            return $"leads to no public host.{Way}";
        }

        return Uri.TryCreate(text, UriKind.Absolute, out address) && string.Equals(address.IdnHost, url.Host.Name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase) ? null : $"is no address that every client reads alike.{Way}";
    }

    /// <summary>What a host speaks.</summary>
    public static WebhookFormat FormatOf(Uri address) => address.IdnHost switch
    {
        "hooks.slack.com" or "hooks.slack-gov.com" => WebhookFormat.Slack,
        "events.pagerduty.com" or "events.eu.pagerduty.com" => WebhookFormat.PagerDuty,
        _ => WebhookFormat.Generic,
    };

    /// <summary>Whether an address may be connected to.</summary>
    /// <param name="address">The address.</param>
    /// <param name="host">The host that led to it, as it is asked for.</param>
    /// <param name="allowsLoopback">Whether this machine may be addressed: by its own names, and by no public one that leads there.</param>
    public static bool MayConnect(IPAddress address, string host, bool allowsLoopback) =>
        !AddressSpace.IsPrivate(PlainOf(address)) || (allowsLoopback && IPAddress.IsLoopback(PlainOf(address))
            && (IPAddress.TryParse(host, out var said) ? IPAddress.IsLoopback(PlainOf(said)) : string.Equals(host, Local, StringComparison.OrdinalIgnoreCase)));

    private static bool IsLoopback(CanonicalHost host) => host.Address is { } address ? IPAddress.IsLoopback(address) : host.Name is Local;

    private static IPAddress PlainOf(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
