using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Alerting;
using Aegis.Policies;

namespace Aegis;

/// <summary>Bodies from the templates in <c>Bodies</c>: a text that is nothing but <c>{name}</c> becomes that value, a number or null included; names inside a text become its text.</summary>
internal static class AlertBody
{
    private static readonly FrozenDictionary<WebhookFormat, string> Templates = new Dictionary<WebhookFormat, string>
    {
        [WebhookFormat.Generic] = Read("generic.json"),
        [WebhookFormat.Slack] = Read("slack.json"),
        [WebhookFormat.PagerDuty] = Read("pagerduty.json"),
    }.ToFrozenDictionary();

    /// <summary>The body, UTF-8.</summary>
    public static byte[] Of(Alert alert, AlertTarget target)
    {
        var values = ValuesOf(alert, target);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Fill(JsonNode.Parse(Templates[target.Format])!, values, target.Format).WriteTo(writer);
        }

        return stream.ToArray();
    }

    private static Dictionary<string, JsonValue?> ValuesOf(Alert alert, AlertTarget target)
    {
        var isOver = alert.State == AlertState.Resolved;
        var ofUser = alert.Session is { Origin: SessionOrigin.Principal } account ? account.Id : null;   // a user's account is no conversation
        return new(StringComparer.Ordinal)
        {
            ["id"] = JsonValue.Create(alert.Id),
            ["event"] = JsonValue.Create(isOver ? "alert_resolved" : "alert_fired"),
            ["state"] = JsonValue.Create(isOver ? "resolved" : "fired"),
            ["action"] = JsonValue.Create(isOver ? "resolve" : "trigger"),
            ["time"] = JsonValue.Create(alert.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
            ["rule"] = Text(alert.Rule),
            ["summary"] = Text(alert.Summary, whole: true),
            ["condition"] = JsonValue.Create(alert.Condition switch { AlertConditionType.RateSpike => "rate-spike", AlertConditionType.SessionKills => "session-kills", AlertConditionType.CostAnomaly => "cost-anomaly", AlertConditionType.ScanBlockRate => "scan-block-rate", _ => "repeated-attacker" }),
            ["counted"] = Text(alert.Event),
            ["per"] = JsonValue.Create(alert.Per switch { AlertScope.Session => "session", AlertScope.Principal => "principal", AlertScope.Tenant => "tenant", _ => "all" }),
            ["session"] = ofUser is null ? Text(alert.Session?.Id) : null,
            ["principal"] = Text(ofUser ?? alert.Session?.Principal),
            ["tenant"] = Text(alert.Tenant ?? alert.Session?.Tenant),
            ["value"] = JsonValue.Create(alert.Value),
            ["threshold"] = JsonValue.Create(alert.Threshold),
            ["windowSeconds"] = JsonValue.Create((decimal)alert.Window.TotalSeconds),
            ["policy"] = Text(alert.Policy),
            ["secret"] = JsonValue.Create(Encoding.UTF8.GetString(target.Secret.Span)),
        };
    }

    private static JsonValue? Text(string? text, bool whole = false) => text is null ? null : JsonValue.Create(whole ? text : Plain.Of(text));

    private static JsonNode Fill(JsonNode node, Dictionary<string, JsonValue?> values, WebhookFormat format) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is { } value ? Whole(value, values) is (true, var exact) ? exact?.DeepClone() : Fill(value, values, format) : null))),
        JsonArray items => new JsonArray([.. items.Select(item => Fill(item!, values, format))]),
        JsonValue text when text.TryGetValue<string>(out var template) => JsonValue.Create(Filled(template, values, format)),
        _ => node.DeepClone(),
    };

    /// <summary>Whether a text is nothing but a name.</summary>
    private static (bool Is, JsonValue? Value) Whole(JsonNode node, Dictionary<string, JsonValue?> values) =>
        node is JsonValue text && text.TryGetValue<string>(out var template) && template is ['{', .., '}'] && values.TryGetValue(template[1..^1], out var value) ? (true, value) : default;

    /// <summary>A text with values in place of names: one pass, so that a value that looks like a name is none.</summary>
    private static string Filled(string template, Dictionary<string, JsonValue?> values, WebhookFormat format)
    {
        var filled = new StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            var end = template[at] == '{' ? template.IndexOf('}', at) : -1;
            if (end > 0 && values.TryGetValue(template[(at + 1)..end], out var value))
            {
                filled.Append(Escaped(value?.ToString() ?? "", format));
                at = end + 1;
            }
            else
            {
                filled.Append(template[at++]);
            }
        }

        return filled.ToString();
    }

    /// <summary>Slack reads &lt;…&gt; as a link or a mention of everybody.</summary>
    private static string Escaped(string text, WebhookFormat format) => format != WebhookFormat.Slack ? text
        : text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(AlertBody).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
