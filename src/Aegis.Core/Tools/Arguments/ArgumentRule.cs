using System.Collections.Frozen;
using System.Text.Json;
using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>What must hold for one argument, compiled. Immutable.</summary>
internal sealed class ArgumentRule
{
    private readonly ArgumentPolicy _policy;
    private readonly bool _asks;
    private readonly bool _wantsText;
    private readonly FrozenSet<string>? _enum;
    private readonly FrozenSet<decimal>? _numbers;
    private readonly ValueGlob? _pattern;
    private readonly ValueGlob[]? _keys;
    private readonly PathRule? _path;
    private readonly UrlRule? _url;
    private readonly CommandRule? _command;

    public ArgumentRule(ArgumentPolicy policy, string member)
    {
        _policy = policy;
        Member = member;
        _asks = policy.Otherwise == Otherwise.Ask;
        _wantsText = policy.Pattern is not null || policy.MinLength is not null || policy.MaxLength is not null || policy.Path is not null || policy.Url is not null || policy.Command is not null;
        _enum = policy.Enum?.ToFrozenSet(StringComparer.Ordinal);
        _numbers = policy.Enum?.Where(static text => ArgumentNumber.TryRead(text, out _)).Select(static text => ArgumentNumber.TryRead(text, out var number) ? number : 0).ToFrozenSet();
        _pattern = policy.Pattern is null ? null : ValueGlob.Permission(policy.Pattern);
        _keys = policy.Keys is null ? null : [.. policy.Keys.Select(ValueGlob.Permission)];
        _path = policy.Path is null ? null : new(policy.Path);
        _url = policy.Url is null ? null : new(policy.Url);
        _command = policy.Command is null ? null : new(policy.Command);
    }

    /// <summary>Where the rule stands in the policy.</summary>
    public string Member { get; }

    public bool IsRequired => _policy.Required;

    /// <summary>Adds whatever does not hold for a value.</summary>
    public void Check(JsonElement value, ArgumentFindings findings)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;   // as if it were left out
        }

        if (_policy.Forbidden)
        {
            Fail(findings, "arguments/forbidden", "forbidden", "may not be there");
        }

        if (_policy.Type is { } type && !Is(value, type))
        {
            Fail(findings, "arguments/type", "type", $"is no {Word(type)}");
        }

        if (_enum is not null && !IsListed(value))
        {
            Fail(findings, "arguments/enum", "enum", "is none of the values");
        }

        if (_policy.Minimum is not null || _policy.Maximum is not null)
        {
            Range(value, findings);
        }

        if (_policy.MaxItems is { } most && (value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : value.ValueKind == JsonValueKind.Object ? value.GetPropertyCount() : int.MaxValue) > most)
        {
            Fail(findings, "arguments/items", "maxItems", "has too many items, or is no list");
        }

        if (_keys is not null && (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(member => !Array.Exists(_keys, key => key.Matches(member.Name)))))
        {
            Fail(findings, "arguments/keys", "keys", "has a member that is not named so, or none");
        }

        if (_wantsText)
        {
            Text(value, findings);
        }
    }

    /// <summary>Adds what does not hold, as the rule says.</summary>
    public void Fail(ArgumentFindings findings, string rule, string member, string reason, bool isUnreadable = false) => findings.Add(rule, $"{Member}.{member}", reason, _asks && !isUnreadable);

    private static bool Is(JsonElement value, ArgumentType type) => type switch
    {
        ArgumentType.String => value.ValueKind == JsonValueKind.String,
        ArgumentType.Number => value.ValueKind == JsonValueKind.Number,
        ArgumentType.Integer => value.ValueKind == JsonValueKind.Number && ArgumentNumber.TryRead(value.GetRawText(), out var number) && decimal.Truncate(number) == number,
        ArgumentType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ArgumentType.Object => value.ValueKind == JsonValueKind.Object,
        _ => value.ValueKind == JsonValueKind.Array,
    };

    private static string Word(ArgumentType type) => type switch
    {
        ArgumentType.String => "text",
        ArgumentType.Number => "number",
        ArgumentType.Integer => "whole number",
        ArgumentType.Boolean => "true or false",
        ArgumentType.Object => "object",
        _ => "list",
    };

    private bool IsListed(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => _enum!.Contains(value.GetString()!),
        JsonValueKind.Number => ArgumentNumber.TryRead(value.GetRawText(), out var number) && _numbers!.Contains(number),
        JsonValueKind.True => _enum!.Contains("true"),
        JsonValueKind.False => _enum!.Contains("false"),
        _ => false,
    };

    private void Range(JsonElement value, ArgumentFindings findings)
    {
        if (value.ValueKind != JsonValueKind.Number || !ArgumentNumber.TryRead(value.GetRawText(), out var number))
        {
            Fail(findings, "arguments/range", _policy.Maximum is null ? "minimum" : "maximum", "is no number that can be compared exactly");
        }
        else if (number < _policy.Minimum)
        {
            Fail(findings, "arguments/range", "minimum", "is less");
        }
        else if (number > _policy.Maximum)
        {
            Fail(findings, "arguments/range", "maximum", "is more");
        }
    }

    private void Text(JsonElement value, ArgumentFindings findings)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(findings, "arguments/type", _policy.Pattern is not null ? "pattern" : _path is not null ? "path" : _url is not null ? "url" : _command is not null ? "command" : _policy.MaxLength is not null ? "maxLength" : "minLength", "is no text");
            return;
        }

        var text = value.GetString()!;
        if (text.Length < _policy.MinLength)
        {
            Fail(findings, "arguments/length", "minLength", "is shorter");
        }

        if (text.Length > _policy.MaxLength)
        {
            Fail(findings, "arguments/length", "maxLength", "is longer");
        }

        if (_pattern?.Matches(text) == false)
        {
            Fail(findings, "arguments/pattern", "pattern", "is another text");
        }

        _path?.Check(text, this, findings);
        _url?.Check(text, this, findings);
        _command?.Check(text, this, findings);
    }
}
