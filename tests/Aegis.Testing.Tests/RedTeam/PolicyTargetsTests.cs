using Aegis.Policies;
using Aegis.Testing.RedTeaming;

namespace Aegis.Testing.Tests;

/// <summary>What a policy names is aimed at, in the roles that its name and the policy tell, with arguments that get to it.</summary>
public class PolicyTargetsTests
{
    [Theory]
    [InlineData("delete_mailing_list", "{destroy}")]
    [InlineData("search_and_forward", "{sink}")]
    [InlineData("change_password", "{admin} {act}")]
    [InlineData("close_account", "{destroy}")]
    [InlineData("issue_credit", "{pay}")]
    [InlineData("send_note", "{memory} {sink}")]
    [InlineData("frobnicate", "{act}")]
    [InlineData("read_mail", "")]
    [InlineData("list_transfers", "")]
    [InlineData("check_transfer_limit", "")]
    public void ANameTellsWhatAToolIsGoodFor(string name, string roles) =>
        Assert.Equal(roles.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), new PolicyTargets(new()).RolesOf(name).Select(static role => role.Placeholder).Order(StringComparer.Ordinal));

    [Fact]
    public void WhatThePolicyCallsASinkIsOne() =>
        Assert.Contains(new PolicyTargets(new() { Tools = new Dictionary<string, ToolPolicy> { ["get_status"] = new() { Sink = true } } }).RolesOf("get_status"), static role => role.Placeholder == "{sink}");

    [Fact]
    public void TheLeastConstrainedToolsComeFirstAndTheRestIsSaid()
    {
        var names = Enumerable.Range(0, 12).Select(static n => FormattableString.Invariant($"send_{(char)('a' + n)}")).ToList();
        var targets = new PolicyTargets(new() { Tools = names.ToDictionary(static name => name, static name => new ToolPolicy { Arguments = name == "send_l" ? new Dictionary<string, ArgumentPolicy>() : new() { ["to"] = new() { Pattern = "x" } } }) });
        Assert.Equal(5, targets.Untried.Count);
        Assert.DoesNotContain("send_l", targets.Untried);
    }

    [Fact]
    public void ArgumentsKeepTheAttackersValuesWhereTheRulesLeaveRoom()
    {
        var tool = new ToolPolicy
        {
            Arguments = new Dictionary<string, ArgumentPolicy> { ["message.to"] = new(), ["role"] = new() { Enum = ["viewer", "admin"] }, ["amount"] = new() { Maximum = 5 }, ["body"] = new() { MaxLength = 10 } },
        };
        var fitted = new ArgumentFitting(leadsAway: true).Fit(new() { ["to"] = "{attacker}", ["role"] = "Admin", ["amount"] = "9800", ["body"] = "{private}" }, tool);
        Assert.Equal("""{"message":{"to":"{attacker}"},"role":"admin","amount":5,"body":"Mira Kolbe"}""", fitted.ToJsonString());
    }
}
