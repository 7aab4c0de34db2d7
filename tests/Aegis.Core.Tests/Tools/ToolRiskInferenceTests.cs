using Aegis.Core.Tests.Sessions;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools;

public class ToolRiskInferenceTests
{
    [Theory]
    [InlineData("read_file", ToolRisk.Low)]
    [InlineData("readFile", ToolRisk.Low)]
    [InlineData("GetWeather", ToolRisk.Low)]
    [InlineData("create-ticket", ToolRisk.Medium)]
    [InlineData("updateUser", ToolRisk.Medium)]
    [InlineData("deleteFile", ToolRisk.High)]
    [InlineData("DELETE_FILE", ToolRisk.High)]
    [InlineData("get_and_delete", ToolRisk.High)]
    [InlineData("deleteThenGet", ToolRisk.High)]
    [InlineData("mcp:files/delete2", ToolRisk.High)]
    [InlineData("read_only_transfer", ToolRisk.High)]
    [InlineData("frobnicate", ToolRisk.High)]
    [InlineData("reader", ToolRisk.High)]
    [InlineData("42", ToolRisk.High)]
    [InlineData("\u691C\u7D22", ToolRisk.High)]
    public void TheWorstVerbOfANameCountsAndTheUnknownIsDangerous(string name, ToolRisk risk) => Assert.Equal(risk, Of(new(name)).Level);

    [Theory]
    [InlineData("sendEmail", "send email")]
    [InlineData("send_email", "send email")]
    [InlineData("SEND-EMAIL", "send email")]
    [InlineData("Send2Email", "send email")]
    [InlineData("mcp:mail/sendAll", "mcp mail send all")]
    [InlineData("__x__", "x")]
    [InlineData("", "")]
    public void WordsAreFoundInEveryWayOfWritingNames(string name, string words) => Assert.Equal(words, string.Join(' ', ToolRiskInference.Words(name)));

    [Fact]
    public void ADestructiveToolIsDangerousAndAReadOnlyClaimLowersNothing() =>
        Gen.Select(Gen.OneOf("get", "update", "delete", "frobnicate"), Gen.Enum<ToolKind>(), Gen.OneOf<bool?>(null, true, false)).Sample(static (name, kind, readOnly) =>
        {
            var tool = new ToolInfo(name) { Kind = kind };
            Assert.Equal(Of(tool).Level, Of(tool with { ReadOnly = readOnly }).Level);
            Assert.Equal(Of(tool).Level, Of(tool with { Destructive = false }).Level);
            Assert.Equal((ToolRisk.High, "annotation 'destructive'"), Of(tool with { Destructive = true, ReadOnly = readOnly }));
        });

    [Theory]
    [InlineData(ToolKind.WebSearch, ToolRisk.Low)]
    [InlineData(ToolKind.FileSearch, ToolRisk.Low)]
    [InlineData(ToolKind.ImageGeneration, ToolRisk.Medium)]
    [InlineData(ToolKind.CodeInterpreter, ToolRisk.High)]
    [InlineData(ToolKind.McpServer, ToolRisk.High)]
    [InlineData(ToolKind.UnknownHosted, ToolRisk.High)]
    [InlineData((ToolKind)77, ToolRisk.High)]
    public void AHostedToolHasTheRiskOfItsKind(ToolKind kind, ToolRisk risk) => Assert.Equal(risk, Of(new("get") { Kind = kind }).Level);

    [Fact]
    public void WhatThePolicyDeclaresCountsAndTheMostSpecificGlobWins()
    {
        var guard = Given.Guard(Given.Open with
        {
            Tools = new Dictionary<string, Aegis.Policies.ToolPolicy> { ["*"] = new() { Risk = ToolRisk.Medium }, ["delete_*"] = new() { Risk = ToolRisk.High }, ["delete_draft"] = new() { Risk = ToolRisk.Low }, ["get_?"] = new() { MaxResult = 1 } },
        });
        var tools = guard.Tools("delete_draft", "delete_all", "anything", "get_x");

        Assert.Equal([ToolRisk.Low, ToolRisk.High, ToolRisk.Medium], ((string[])["delete_draft", "delete_all", "anything"]).Select(name => tools.RiskOf(name).Level));
        Assert.Equal((ToolRisk.Low, "'get' in the name"), tools.RiskOf("get_x"));   // its entry says nothing of risk
        Assert.Equal((ToolRisk.High, "not offered"), tools.RiskOf("missing"));
    }

    private static (ToolRisk Level, string Reason) Of(ToolInfo tool) => ToolRiskInference.Default.Of(tool);
}
