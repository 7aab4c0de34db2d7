using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aegis.Alerting;
using Aegis.Policies;

namespace Aegis;

/// <summary>One alert on its way: the same body and id in every try, a new timestamp and signature in each (Standard Webhooks).</summary>
internal sealed class Delivery
{
    private readonly string _id;

    public Delivery(Alert alert, AlertTarget target)
    {
        (Target, Body) = (target, AlertBody.Of(alert, target));
        _id = FormattableString.Invariant($"msg_{Guid.NewGuid():N}");
    }

    public AlertTarget Target { get; }

    public byte[] Body { get; }

    /// <summary>What a try says besides.</summary>
    public IEnumerable<(string Name, string Value)> HeadersAt(DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        yield return ("webhook-id", _id);
        yield return ("webhook-timestamp", timestamp);
        if (!Target.Secret.IsEmpty && Target.Format != WebhookFormat.PagerDuty)
        {
            yield return ("webhook-signature", $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Target.Secret.Span, [.. Encoding.UTF8.GetBytes($"{_id}.{timestamp}."), .. Body]))}");
        }
    }
}
