namespace Aegis.Policies.Documents;

/// <summary>Stable codes of the mistakes in a policy; <c>docs/policies.md</c> lists them.</summary>
internal static class PolicyErrorCodes
{
    public const string Unreadable = "AEG101";
    public const string Syntax = "AEG102";
    public const string Limits = "AEG103";
    public const string Yaml = "AEG104";
    public const string Duplicate = "AEG105";
    public const string Unknown = "AEG110";
    public const string Type = "AEG111";
    public const string Null = "AEG112";
    public const string Choice = "AEG113";
    public const string Range = "AEG114";
    public const string Duration = "AEG115";
    public const string Glob = "AEG116";
    public const string Pattern = "AEG117";
    public const string Missing = "AEG118";
    public const string Version = "AEG119";
    public const string Extends = "AEG120";
    public const string Contradiction = "AEG121";
    public const string Rule = "AEG122";
    public const string Pack = "AEG123";
    public const string Name = "AEG124";
    public const string Secret = "AEG125";
}
